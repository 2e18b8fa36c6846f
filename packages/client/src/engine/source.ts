import { setTimeout as pause } from 'node:timers/promises';
import { PeerageError } from '@peerage/contract/bare';
import { type PieceStore, StoreError } from '@peerage/storage';
import { asPeerageError } from '../store-errors.ts';
import type { EngineEvent, VerifyOutcome } from './engine-protocol.ts';
import { interrupted } from './interrupted.ts';
import type { Share, ShareContent } from './share.ts';
import type { SharePorts } from './share-ports.ts';
import { changed, type SourceContent, sourceContent, type Verified } from './source-content.ts';

/**
 * The last sync of a download begins so long after its end: who is told of that writes rows of his own, and beside a GiB on its way to the same disk each of them, and with it
 * every command, waits for a quarter of a second.
 */
const SETTLE_AFTER_MS = 1000;

type Problem = Extract<EngineEvent, { type: 'source_problem' }>['problem'];
type CheckedStore = PieceStore & { check(): Promise<void> };

/**
 * A share whose file or folder is complete: offers it, notices when it changes, reads it again then, and goes on only if it is equal.
 *
 * Always true: a swarm runs exactly while `#store` is there; nothing is served from a file that was not what `#identity` says when it was
 * looked at last. A file that has a problem, from the start or later, is looked at further on, and offered again when it is back.
 */
export class Source implements ShareContent {
  readonly #ports: SharePorts;
  readonly #share: Share;
  readonly #path: string;
  readonly #content: SourceContent;
  readonly #closing = new AbortController();
  #verifying: AbortController | undefined;
  /** What it was when its pieces were last found right; '' where that is not known. */
  #identity: string;
  /** What it was when it was read and found wrong: it is not read again as long as it stays so. */
  #refused: string | undefined;
  #store: CheckedStore | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** What is under way with the file: looking, reading, stopping. One thing at a time. */
  #busy: Promise<void> = Promise.resolve();
  #settling: Promise<void> = Promise.resolve();
  /** Told, so that it is told only once. */
  #problem: string | undefined;
  /** Why it could not be offered when it was opened. */
  #refusal: PeerageError | undefined;

  private constructor(ports: SharePorts, share: Share, path: string, identity: string) {
    this.#ports = ports;
    this.#share = share;
    this.#path = path;
    this.#content = sourceContent(path, share.info);
    this.#identity = identity;
  }

  /** Resolves when it is offered, or is being read again to see whether it may be, or has a problem, which is `refusal` then. */
  static async open(ports: SharePorts, share: Share, file: { path: string; identity: string }): Promise<Source> {
    const source = new Source(ports, share, file.path, file.identity);
    share.setPhase('verifying');
    try {
      if (!(await source.#offer())) source.#run(() => source.#readAgain());
    } catch (error) {
      source.#refusal = source.#hasProblem(error);
    }
    source.#watchSoon();
    return source;
  }

  /** What a download has just completed; its swarm goes on. `settling` may still wait for the disk. */
  static async adopt(
    ports: SharePorts,
    share: Share,
    file: { path: string; identity: string; settling: PieceStore },
  ): Promise<Source> {
    const source = new Source(ports, share, file.path, file.identity);
    source.#store = await source.#content.open(file.identity);
    source.#settling = source
      .#settle(file.settling)
      .catch((error: unknown) => source.#run(() => source.#trouble(error)));
    share.runner?.serveFrom(source.#store);
    source.#watchSoon();
    return source;
  }

  /** The last sync of a download: soon, and at once where the share is stopped. */
  async #settle(store: PieceStore): Promise<void> {
    const { signal } = this.#closing;
    await pause(SETTLE_AFTER_MS, undefined, { signal }).catch(() => undefined);
    await store.close();
  }

  get refusal(): PeerageError | undefined {
    return this.#refusal;
  }

  onStored(): void {}
  onCompleted(): void {}
  onSpace(): void {}
  onWriteFailed(): void {}
  /** A complete file is only offered: there is nothing to pause. */
  pause(): void {}
  async resume(): Promise<void> {}

  onReadFailed(error: unknown): void {
    this.#run(() => this.#trouble(error));
  }

  /** Reads all of it now, also what looks as if nothing had changed. What is wrong is offered no more. */
  verify(): Promise<VerifyOutcome> {
    // Before its turn comes: it may be interrupted while something else is under way.
    this.#verifying = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#verifying.signal]);
    const verifying = this.#busy.then(() => this.#verifyAll(signal));
    this.#busy = verifying.then(
      () => undefined,
      () => undefined, // told to who asked
    );
    return verifying;
  }

  endVerify(): void {
    this.#verifying?.abort(new Error('the share is stopped'));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the share is stopped'));
    clearTimeout(this.#watch);
    await this.#busy;
    await this.#settling;
    await this.#store?.close();
  }

  /** False where it is there, but not as it was when its pieces were last found right. */
  async #offer(): Promise<boolean> {
    const found = await this.#content.look(this.#identity);
    if (found === this.#refused) throw changed(this.#path);
    if (found !== this.#identity) return false;
    const store = await this.#content.open(found);
    if (this.#closing.signal.aborted) {
      await store.close();
      return true;
    }
    this.#store = store;
    this.#problem = undefined;
    this.#share.startSwarm(store, { paused: false });
    this.#share.setPhase('seeding');
    return true;
  }

  /** Reads again what changed. */
  async #readAgain(): Promise<void> {
    this.#share.setPhase('verifying');
    const { signal } = this.#closing;
    try {
      await this.#accept(await this.#content.verify(this.#identity, { all: false, signal }));
    } catch (error) {
      if (!signal.aborted) this.#tell(error);
    }
  }

  async #accept({ identity, wrong }: Verified): Promise<void> {
    if (wrong !== undefined) {
      this.#refused = identity;
      throw new StoreError('changed', wrong.message);
    }
    this.#identity = identity;
    if (!(await this.#offer())) throw changed(this.#path);
    this.#tellVerified();
  }

  async #verifyAll(signal: AbortSignal): Promise<VerifyOutcome> {
    const known = this.#identity;
    const store = this.#store;
    this.#store = undefined;
    await this.#share.stopSwarm('the share is being verified');
    await store?.close();
    this.#share.setPhase('verifying');
    try {
      signal.throwIfAborted();
      await this.#content.look(known);
      const verified = await this.#content.verify(known, {
        all: true,
        signal,
        onProgress: (doneBytes, totalBytes) => this.#share.tellVerifying(doneBytes, totalBytes),
      });
      await this.#accept(verified).catch((error: unknown) => this.#tell(error));
      const { wrong, readPieces, identity } = verified;
      return {
        pieces: readPieces,
        wrongPieces: wrong?.pieces.length ?? 0,
        message: wrong?.message ?? null,
        untouched: identity === known,
      };
    } catch (error) {
      if (signal.aborted) {
        if (!this.#closing.signal.aborted) await this.#lookAgain();
        throw interrupted();
      }
      this.#tell(error);
      throw asPeerageError(error, 'reading');
    }
  }

  /** It can't be read as it was: nothing is offered until it is known to be right. */
  async #trouble(error: unknown): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    this.#store = undefined;
    await this.#share.stopSwarm('the shared file changed');
    await store.close();
    if (error instanceof StoreError && error.failure !== 'io') await this.#lookAgain();
    else this.#tell(error);
  }

  /** After a problem: `source_verified` tells that it is back. */
  async #lookAgain(): Promise<void> {
    try {
      if (await this.#offer()) this.#tellVerified();
      else await this.#readAgain();
    } catch (error) {
      this.#tell(error);
    }
  }

  #tellVerified(): void {
    if (this.#store === undefined) return;
    this.#ports.emit({ type: 'source_verified', share: this.#share.id, identity: this.#identity });
  }

  #tell(error: unknown): void {
    const before = this.#problem;
    const { code, message } = this.#hasProblem(error);
    if (before === message) return;
    const problem: Problem = code === 'path_not_found' ? 'missing' : code === 'file_changed' ? 'changed' : 'unreadable';
    this.#ports.emit({ type: 'source_problem', share: this.#share.id, problem, message });
  }

  #hasProblem(error: unknown): PeerageError {
    const told = asPeerageError(error, 'reading');
    const problem = told instanceof PeerageError ? told : new PeerageError('internal', String(told));
    if (this.#share.phase !== 'failed' || this.#problem !== problem.message) {
      this.#share.setPhase('failed', { code: problem.code, message: problem.message });
    }
    this.#problem = problem.message;
    return problem;
  }

  #watchSoon(): void {
    this.#watch = setTimeout(() => {
      this.#run(() => this.#look());
      this.#watchSoon();
    }, this.#ports.sourceWatchMs());
  }

  async #look(): Promise<void> {
    if (this.#store !== undefined) {
      try {
        await this.#store.check();
      } catch (error) {
        await this.#trouble(error);
      }
    } else {
      await this.#lookAgain();
    }
  }

  #run(step: () => Promise<void>): void {
    this.#busy = this.#busy.then(() => (this.#closing.signal.aborted ? undefined : step()));
  }
}
