import type { ControlEvent } from '@peerage/contract';
import { trafficLimits } from './page-limits.ts';

type Moved = Extract<ControlEvent, { type: 'share_moved' }>;

/** Tells the numbers of shares that moved, once a second, and of many in turn. Always true: what moved and was not told is in `#moved`, the clock runs while that holds something. */
export class ShareMoves {
  readonly #moved = new Set<string>();
  readonly #look: (share: string) => Omit<Moved, 'type'> | undefined;
  readonly #tell: (event: Moved) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `look` says how a share stands now; undefined where it is none any more. */
  constructor(look: (share: string) => Omit<Moved, 'type'> | undefined, tell: (event: Moved) => void) {
    this.#look = look;
    this.#tell = tell;
  }

  add(share: string): void {
    this.#moved.add(share);
    this.#timer ??= setInterval(() => this.#flush(), trafficLimits.sampleMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #flush(): void {
    for (const share of [...this.#moved].slice(0, trafficLimits.sharesASecond)) {
      this.#moved.delete(share);
      const now = this.#look(share);
      if (now) this.#tell({ type: 'share_moved', ...now });
    }
    if (this.#moved.size === 0) this.close();
  }
}
