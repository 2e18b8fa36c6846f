import type { SecureContext } from 'node:tls';

/** As long as members show one certificate: half of an hour's. */
const FRESH_MS = 1_800_000;

interface Shown {
  readonly context: Promise<SecureContext>;
  readonly issuers: number;
  readonly madeAtMs: number;
}

/**
 * What a name that means no group is answered with: a certificate that is nobody's. So a name that means nothing and a missing certificate end alike, after the same steps:
 * who tries names learns nothing from how it goes.
 */
export class Decoy {
  readonly #nowMs: () => number;
  #shown: Shown | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `issuers`: how many the real certificates' contexts name. */
  context(issuers: number): Promise<SecureContext> {
    const nowMs = this.#nowMs();
    if (this.#shown?.issuers !== issuers || nowMs - this.#shown.madeAtMs > FRESH_MS) {
      this.#shown = { context: makeContext(issuers), issuers, madeAtMs: nowMs };
    }
    return this.#shown.context;
  }
}

async function makeContext(issuers: number): Promise<SecureContext> {
  const { makeDecoyContext } = await import('./decoy-context.ts');
  return makeDecoyContext(issuers);
}
