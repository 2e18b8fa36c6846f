import type { ControlEvent } from '@peerage/contract';
import type { TrackerLink } from '../tracker-link/tracker-link.ts';

/** Names of this user that are another's since two trackers met. Always true: each is told once, however often trackers say so. */
export class LostNames {
  readonly #link: Pick<TrackerLink, 'call'>;
  readonly #tell: (event: ControlEvent) => void;
  readonly #told = new Set<string>();

  constructor(link: Pick<TrackerLink, 'call'>, tell: (event: ControlEvent) => void) {
    this.#link = link;
    this.#tell = tell;
  }

  /** Asks, and tells the person what is new. Rejects as the calls do. */
  async look(): Promise<void> {
    const { conflicts } = await this.#link.call('trackers', {});
    const news = conflicts.filter((shown) => !this.#told.has(shown));
    if (news.length === 0) return;
    const { user } = await this.#link.call('me', {});
    for (const shown of news) {
      this.#told.add(shown);
      const name = shown.slice(0, shown.lastIndexOf('~'));
      const message =
        shown === user.name
          ? `'${name}' is another user's, who was first while the trackers were cut from each other: you are '${shown}' until rename_user gives you a new name`
          : `'${name}' is another group's, which was first while the trackers were cut from each other: this one is '${shown}' until its owner gives it a new name with rename_group ${shown} <new>`;
      this.#tell({ type: 'notice', message });
    }
  }
}
