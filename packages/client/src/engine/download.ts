import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FileInfo } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';
import { type FileIdentity, identityOf, SourceStore, StoreError } from '@peerage/storage';
import { matchesInfo } from '../runtime/piece-intake.ts';
import { asPeerageError } from '../store-errors.ts';
import type { EngineRequest } from './engine-protocol.ts';
import type { Share, ShareContent } from './share.ts';
import type { OpenedFetch, SharePorts } from './share-ports.ts';
import { Source } from './source.ts';

const CHECKPOINT_MS = 5000;
const SPACE_RETRY_MS = 1000;

type FetchRequest = Extract<EngineRequest, { type: 'fetch' }>;

/**
 * A share that is being fetched: opens its files, keeps them safe on the way, and gives the file its name when all of it is right. Then
 * its place in the share is taken by a {@link Source}.
 *
 * Always true: the file gets its final name only after the SHA-1 of the whole file matched.
 */
export class Download implements ShareContent {
  readonly #ports: SharePorts;
  readonly #share: Share;
  readonly #info: FileInfo;
  readonly #request: FetchRequest;
  readonly #closing = new AbortController();
  #paused: boolean;
  #opened: OpenedFetch | undefined;
  #opening: Promise<void> | undefined;
  #checkpoint: NodeJS.Timeout | undefined;
  #checkpointing: Promise<void> = Promise.resolve();
  #completing: Promise<void> | undefined;
  #failing: Promise<void> | undefined;

  constructor(ports: SharePorts, share: Share, info: FileInfo, request: FetchRequest) {
    this.#ports = ports;
    this.#share = share;
    this.#info = info;
    this.#request = request;
    this.#paused = request.paused;
  }

  /**
   * Resolves when the download is open, or when it turned out that pieces must be read again first, which may take long; a failure after that
   * is told by the event. Rejects with PeerageError.
   */
  async open(): Promise<void> {
    const reading = Promise.withResolvers<void>();
    let answered = false;
    this.#share.setPhase('verifying');
    this.#opening = this.#open(() => reading.resolve()).catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      if (!answered) throw asPeerageError(error, 'writing');
      this.#fail(error);
    });
    await Promise.race([this.#opening, reading.promise]);
    answered = true;
  }

  onStored(): void {
    this.#opened?.wholeFile.advance();
    this.#checkpointSoon();
  }

  onCompleted(): void {
    this.#completing ??= this.#complete().catch((error: unknown) => this.#fail(error));
  }

  onSpace(problem: StoreError | undefined): void {
    if (this.#paused) return;
    if (problem === undefined) this.#share.setPhase('fetching');
    else this.#share.setPhase('waiting', { code: 'no_space', message: problem.message });
  }

  onWriteFailed(error: unknown): void {
    this.#fail(error);
  }

  /** The partial file can't be read where it was written: going on would only lose more. */
  onReadFailed(error: unknown): void {
    this.#fail(error);
  }

  pause(): void {
    if (this.#paused || this.#completing !== undefined || this.#share.phase === 'failed') return;
    this.#paused = true;
    if (this.#share.runner === undefined) return;
    this.#share.runner.tell({ type: 'paused' });
    this.#share.setPhase('paused');
    this.#share.dial();
    this.#ports.dealBuffers();
  }

  async resume(): Promise<void> {
    if (this.#share.phase === 'failed') {
      this.#paused = false;
      await this.#failing;
      await this.#release(false);
      await this.open();
      return;
    }
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#share.runner === undefined) return;
    this.#share.runner.tell({ type: 'resumed' });
    this.#share.setPhase('fetching');
    this.#share.dial();
  }

  async close(discard: boolean): Promise<void> {
    this.#closing.abort(new Error('the download is stopped'));
    await this.#opened?.wholeFile.close();
    await Promise.allSettled([this.#opening, this.#completing, this.#failing]);
    await this.#release(discard);
  }

  async #open(onReading: () => void): Promise<void> {
    const opened = await this.#openFiles(onReading);
    this.#opened = opened;
    if (this.#closing.signal.aborted) return;
    this.#share.startSwarm(opened.store, this.#paused);
    if (opened.store.have.isFull) this.onCompleted();
    else this.#share.setPhase(this.#paused ? 'paused' : 'fetching');
  }

  /** A download that was begun before waits for space, as it would have done while running. */
  async #openFiles(onReading: () => void): Promise<OpenedFetch> {
    const { share, destination, journal } = this.#request;
    const begunBefore = existsSync(journal);
    for (;;) {
      this.#closing.signal.throwIfAborted();
      try {
        return await this.#ports.openFetch({
          infoHash: share,
          geometry: this.#info.geometry,
          destination,
          journal,
          verifyPiece: (piece, bytes) => matchesInfo(this.#info, piece, bytes),
          onProgress: onReading,
          signal: this.#closing.signal,
        });
      } catch (error) {
        if (!begunBefore || !isNoSpace(error)) throw error;
        this.#share.setPhase('waiting', { code: 'no_space', message: error.message });
        onReading();
        await this.#pause();
      }
    }
  }

  async #complete(): Promise<void> {
    const { store, wholeFile } = this.#opened!;
    this.#share.setPhase('verifying');
    clearTimeout(this.#checkpoint);
    const digest = await wholeFile.digest();
    if (Buffer.compare(digest, this.#info.sha1) !== 0) {
      throw new PeerageError(
        'integrity',
        `'${this.#info.name}' does not match the SHA-1 that it was shared with: it was shared damaged, ask for it to be shared again`,
      );
    }
    const path = await this.#finish();
    await wholeFile.close();
    const identity = await identityAt(path);
    const source = await SourceStore.open(path, this.#info.geometry, { expected: identity });
    if (this.#closing.signal.aborted) {
      await source.close();
      return;
    }
    this.#share.runner?.serveFrom(source);
    this.#share.content = Source.adopted(this.#ports, this.#share, { path, identity, store: source, settling: store });
    this.#share.setPhase('seeding');
    this.#share.dial();
    this.#ports.dealBuffers();
    this.#ports.emit({ type: 'completed', share: this.#share.id, path, identity: JSON.stringify(identity) });
  }

  async #finish(): Promise<string> {
    for (;;) {
      try {
        return await this.#opened!.store.finish();
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        this.#share.setPhase('waiting', { code: 'no_space', message: error.message });
        await this.#pause();
      }
    }
  }

  /** Synced in the background, so that a power cut costs seconds and nobody waits for the disk at the end. */
  #checkpointSoon(): void {
    if (this.#checkpoint !== undefined || this.#closing.signal.aborted) return;
    this.#checkpoint = setTimeout(() => {
      this.#checkpointing = this.#opened!.store.checkpoint()
        .catch((error: unknown) => {
          // What could not be noted now is noted by a later checkpoint.
          if (!isNoSpace(error) && !this.#closing.signal.aborted) this.#fail(error);
        })
        .finally(() => {
          this.#checkpoint = undefined;
        });
    }, CHECKPOINT_MS);
  }

  #fail(error: unknown): void {
    if (this.#closing.signal.aborted || this.#share.phase === 'failed') return;
    const told = asPeerageError(error, 'writing');
    this.#share.fail(told instanceof PeerageError ? told : new PeerageError('internal', String(told)));
    // The store stays: whoever cancels the download wants its partial data removed.
    this.#failing = this.#share.stopSwarm('the download failed').then(() => this.#opened?.wholeFile.close());
  }

  async #release(discard: boolean): Promise<void> {
    clearTimeout(this.#checkpoint);
    const opened = this.#opened;
    this.#opened = undefined;
    this.#completing = undefined;
    if (opened === undefined) return;
    await this.#checkpointing;
    await opened.wholeFile.close();
    try {
      if (discard) await opened.store.discard();
      else await opened.store.close();
    } catch (error) {
      // A last checkpoint that failed costs a second reading of some pieces at the next start, which knows it from the journal.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  /** Throws when the download is stopped meanwhile. */
  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, SPACE_RETRY_MS);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
    signal.throwIfAborted();
  }
}

const isNoSpace = (error: unknown): error is StoreError => error instanceof StoreError && error.failure === 'no_space';

async function identityAt(path: string): Promise<FileIdentity> {
  return identityOf(await stat(path, { bigint: true }));
}
