import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PeerageError } from '@peerage/contract';
import { type FileIdentity, identityOf, type PieceStore, SourceStore, StoreError, verifyFile } from '@peerage/storage';
import { asPeerageError } from '../store-errors.ts';
import type { EngineEvent } from './engine-protocol.ts';
import type { Share, ShareContent } from './share.ts';
import type { SharePorts } from './share-ports.ts';

type Problem = Extract<EngineEvent, { type: 'source_problem' }>['problem'];

/**
 * A share whose file is complete: offers it, notices when it changes, reads it again then, and goes on only if it is equal.
 *
 * Always true: a swarm runs exactly while `#store` is there; nothing is served from a file that was not what `#identity` says when it was
 * looked at last. A file that has a problem, from the start or later, is looked at further on, and offered again when it is back.
 */
export class Source implements ShareContent {
  readonly #ports: SharePorts;
  readonly #share: Share;
  readonly #path: string;
  readonly #closing = new AbortController();
  /** What the file was when its pieces were last found right. */
  #identity: FileIdentity | undefined;
  /** What the file was when it was read and found wrong: it is not read again as long as it stays so. */
  #refused: string | undefined;
  #store: SourceStore | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** What is under way with the file: looking, reading, stopping. One thing at a time. */
  #busy: Promise<void> = Promise.resolve();
  #settling: Promise<void> = Promise.resolve();
  /** Told, so that it is told only once. */
  #problem: string | undefined;
  /** Why it could not be offered when it was opened. */
  #refusal: PeerageError | undefined;

  private constructor(ports: SharePorts, share: Share, path: string, identity: FileIdentity | undefined) {
    this.#ports = ports;
    this.#share = share;
    this.#path = path;
    this.#identity = identity;
  }

  /** Resolves when the file is offered, or is being read again to see whether it may be, or has a problem, which is `refusal` then. */
  static async open(ports: SharePorts, share: Share, file: { path: string; identity: string }): Promise<Source> {
    const source = new Source(ports, share, file.path, identityFrom(file.identity));
    share.setPhase('verifying');
    try {
      if (!(await source.#offer())) source.#run(() => source.#verify());
    } catch (error) {
      source.#refusal = source.#hasProblem(error);
    }
    source.#watchSoon();
    return source;
  }

  /** The file of a download that has just been completed; its swarm goes on. `settling` may still wait for the disk. */
  static adopted(
    ports: SharePorts,
    share: Share,
    file: { path: string; identity: FileIdentity; store: SourceStore; settling: PieceStore },
  ): Source {
    const source = new Source(ports, share, file.path, file.identity);
    source.#store = file.store;
    source.#settling = file.settling.close().catch((error: unknown) => source.#run(() => source.#trouble(error)));
    source.#watchSoon();
    return source;
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

  async close(): Promise<void> {
    this.#closing.abort(new Error('the share is stopped'));
    clearTimeout(this.#watch);
    await this.#busy;
    await this.#settling;
    await this.#store?.close();
  }

  /** False where the file is there, but not as it was when its pieces were last found right. */
  async #offer(): Promise<boolean> {
    const { geometry } = this.#share.info;
    const found = identityOf(await this.#stat());
    if (found.sizeBytes !== geometry.sizeBytes || JSON.stringify(found) === this.#refused) throw this.#changed();
    if (this.#identity === undefined || JSON.stringify(found) !== JSON.stringify(this.#identity)) return false;
    const store = await SourceStore.open(this.#path, geometry, { expected: this.#identity });
    if (this.#closing.signal.aborted) {
      await store.close();
      return true;
    }
    this.#store = store;
    this.#problem = undefined;
    this.#share.startSwarm(store, false);
    this.#share.setPhase('seeding');
    return true;
  }

  #stat(): Promise<BigIntStats> {
    return stat(this.#path, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
      const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
      throw isMissing
        ? new StoreError(
            'missing',
            `'${this.#path}' is not there any more: put it back, or upload it from where it is now`,
            { cause },
          )
        : new StoreError(
            'permission',
            `'${this.#path}' can not be looked at (${cause.code}): change the permissions of its folder`,
            { cause },
          );
    });
  }

  /** Reads all of it again. */
  async #verify(): Promise<void> {
    const { info } = this.#share;
    this.#share.setPhase('verifying');
    const { signal } = this.#closing;
    try {
      const { have, identity } = await verifyFile(this.#path, info.geometry, info.pieceHashes, { signal });
      if (!have.isFull) {
        this.#refused = JSON.stringify(identity);
        throw this.#changed();
      }
      this.#identity = identity;
      if (!(await this.#offer())) throw this.#changed();
      this.#tellVerified();
    } catch (error) {
      if (!signal.aborted) this.#tell(error);
    }
  }

  /** The file can't be read as it was: nothing is offered until it is known to be right. */
  async #trouble(error: unknown): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    this.#store = undefined;
    await this.#share.stopSwarm('the shared file changed');
    await store.close();
    if (error instanceof StoreError && error.failure !== 'io') await this.#lookAgain();
    else this.#tell(error);
  }

  /** After a problem: `source_verified` tells that the file is back. */
  async #lookAgain(): Promise<void> {
    try {
      if (await this.#offer()) this.#tellVerified();
      else await this.#verify();
    } catch (error) {
      this.#tell(error);
    }
  }

  #tellVerified(): void {
    if (this.#store === undefined) return;
    const identity = JSON.stringify(this.#identity);
    this.#ports.emit({ type: 'source_verified', share: this.#share.id, identity });
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
    }, this.#ports.sourceWatchMs);
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

  #changed(): StoreError {
    return new StoreError(
      'changed',
      `'${this.#path}' is no longer what was shared: put the old file back, or upload the new one`,
    );
  }
}

/** As text: what main thread and library keep. '' and anything else that is none: unknown. */
function identityFrom(text: string): FileIdentity | undefined {
  if (text === '') return undefined;
  const value = JSON.parse(text) as FileIdentity;
  return { inode: String(value.inode), sizeBytes: Number(value.sizeBytes), modifiedNs: String(value.modifiedNs) };
}
