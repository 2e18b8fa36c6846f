import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { PeerageError } from '@peerage/contract/bare';
import { identityOf, StoreError } from '@peerage/storage';
import type { ShareInfo } from '../metainfo/read-share.ts';
import { asPeerageError } from '../store-errors.ts';
import { Checkpoints } from './checkpoints.ts';
import type { EngineRequest, VerifyOutcome } from './engine-protocol.ts';
import { interrupted, whenAborted } from './interrupted.ts';
import { forgetful, loseWrong, MOST_MENDED } from './lose-wrong.ts';
import type { Share, ShareContent } from './share.ts';
import type { OpenedFetch, SharePorts } from './share-ports.ts';
import { Source } from './source.ts';

const SPACE_RETRY_MS = 1000;

type FetchRequest = Extract<EngineRequest, { type: 'fetch' }>;

/**
 * A share that is being fetched: opens its files, keeps them safe on the way, and gives them their names when all of them is right. Then
 * its place in the share is taken by a {@link Source}, or, where only some files of a folder were wanted, it goes on to serve what it has.
 *
 * Always true: a file gets its final name only after the SHA-1 of the whole file matched.
 */
export class Download implements ShareContent {
  readonly #ports: SharePorts;
  readonly #share: Share;
  readonly #info: ShareInfo;
  readonly #request: FetchRequest;
  readonly #closing = new AbortController();
  #verifying: AbortController | undefined;
  #paused: boolean;
  #opened: OpenedFetch | undefined;
  #closed: OpenedFetch | undefined;
  #opening: Promise<void> | undefined;
  readonly #checkpoints = new Checkpoints((error) => {
    // What could not be noted now is noted by a later one.
    if (!isNoSpace(error)) this.#fail(error);
  });
  #completing: Promise<void> | undefined;
  #failing: Promise<void> | undefined;
  #mending: Promise<void> | undefined;
  /** So often pieces were found wrong at the end. */
  #mended = 0;

  constructor(ports: SharePorts, share: Share, info: ShareInfo, request: FetchRequest) {
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
    this.#opened?.check.advance();
    if (this.#opened !== undefined && !this.#closing.signal.aborted) this.#checkpoints.soon(this.#opened.store);
  }

  onCompleted(): void {
    if (this.#share.runner === undefined) return; // its swarm is being closed: where it goes on it is opened anew, and that tells
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
      this.#mended = 0;
      await this.#failing;
      await this.#reopen();
      return;
    }
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#share.runner === undefined) return;
    this.#share.runner.tell({ type: 'resumed' });
    this.#share.setPhase('fetching');
    this.#share.dial();
  }

  progress(): ReturnType<NonNullable<ShareContent['progress']>> {
    const now = this.#opened?.folder?.store.progress;
    if (now === undefined) return undefined;
    const { chosenBytes, doneBytes, chosenFiles, doneFiles, files } = now;
    return { sizeBytes: chosenBytes, doneBytes, files: { done: doneFiles, chosen: chosenFiles, all: files } };
  }

  /** Reads every stored piece again; then it is opened anew, and fetches what was wrong. */
  async verify(): Promise<VerifyOutcome> {
    this.#verifying = new AbortController();
    const { signal } = this.#verifying;
    // Opening may read for long, or wait for space: who stops the download is not to wait for that.
    await Promise.race([this.#opening, whenAborted(signal)]);
    if (signal.aborted) throw interrupted();
    const opened = this.#opened;
    if (opened === undefined || (this.#completing !== undefined && this.#share.phase !== 'seeding')) {
      throw new PeerageError(
        'download_exists',
        `'${this.#info.name}' is being read at this moment: wait for its end, or resume_download where it failed`,
      );
    }
    let found: Awaited<ReturnType<typeof loseWrong>>;
    try {
      found = await loseWrong(this.#share, this.#info, opened, signal);
      await this.#reopen();
    } catch (error) {
      this.#fail(error);
      throw asPeerageError(error, 'writing');
    }
    if (signal.aborted) throw interrupted();
    return { ...found, message: null, untouched: true };
  }

  endVerify(): void {
    this.#verifying?.abort();
  }

  async close(discard: boolean): Promise<void> {
    this.#closing.abort(new Error('the download is stopped'));
    await this.#opened?.check.close();
    await Promise.allSettled([this.#opening, this.#completing, this.#mending, this.#failing]);
    await this.#release(discard);
  }

  async #open(onReading: () => void): Promise<void> {
    const opened = await this.#openFiles(onReading);
    this.#opened = opened;
    if (this.#closing.signal.aborted) return;
    const { store, folder, verify } = opened;
    this.#share.startSwarm(store, { paused: this.#paused, verify, ...(folder && { skip: folder.skip }) });
    if (this.#share.runner?.isComplete) this.onCompleted();
    else this.#share.setPhase(this.#paused ? 'paused' : 'fetching');
  }

  /** A download that was begun before waits for space, as it would have done while running. */
  async #openFiles(onReading: () => void): Promise<OpenedFetch> {
    const { share, destination, journal, repair = false } = this.#request;
    const begunBefore = existsSync(journal);
    for (;;) {
      this.#closing.signal.throwIfAborted();
      try {
        return await this.#ports.openFetch({
          infoHash: share,
          info: this.#info,
          destination,
          journal,
          repair,
          onProgress: onReading,
          onSpace: (problem) => this.onSpace(problem),
          signal: this.#closing.signal,
        });
      } catch (error) {
        if (!begunBefore || !isNoSpace(error)) throw error;
        this.#share.setPhase('waiting', { code: 'no_space', message: error.message });
        onReading();
        await pause(SPACE_RETRY_MS, undefined, { signal: this.#closing.signal });
      }
    }
  }

  async #complete(): Promise<void> {
    const { store, check, folder } = this.#opened!;
    this.#share.setPhase('verifying');
    void this.#checkpoints.stop(); // `finish` has its own last sync
    try {
      await check.passed();
    } catch (error) {
      this.#mending = this.#mend(this.#opened!, error);
      return await this.#mending;
    }
    const path = await this.#finish();
    await check.close();
    if (folder !== undefined && !folder.store.isWhole) {
      this.#tellCompleted(path, ''); // it is kept open: what it has is served, and more of it may be wanted later
      return;
    }
    const identity = folder ? folder.store.identity : await identityAt(path);
    const source = await Source.adopt(this.#ports, this.#share, { path, identity, settling: store });
    if (this.#closing.signal.aborted) {
      await source.close();
      return;
    }
    this.#share.content = source;
    this.#tellCompleted(path, identity);
  }

  /**
   * The whole is not what was shared, though each piece was right when it came. Only where all of them still are it was shared damaged;
   * else the disk, or another program, changed what was stored, and that is fetched again.
   */
  async #mend(opened: OpenedFetch, mismatch: unknown): Promise<void> {
    if (!(mismatch instanceof PeerageError && mismatch.code === 'integrity')) throw mismatch;
    const { signal } = this.#closing;
    const { wrongPieces } = await loseWrong(this.#share, this.#info, opened, signal);
    signal.throwIfAborted();
    if (wrongPieces === 0) throw mismatch;
    if (++this.#mended > MOST_MENDED) throw forgetful(this.#request.destination);
    await this.#reopen();
  }

  async #reopen(): Promise<void> {
    await this.#release(false);
    await this.open();
  }

  #tellCompleted(path: string, identity: string): void {
    if (this.#closing.signal.aborted) return;
    this.#share.setPhase('seeding');
    this.#share.dial();
    this.#ports.dealBuffers();
    this.#ports.emit({ type: 'completed', share: this.#share.id, path, identity });
  }

  async #finish(): Promise<string> {
    for (;;) {
      try {
        return await this.#opened!.store.finish();
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        this.#share.setPhase('waiting', { code: 'no_space', message: error.message });
        await pause(SPACE_RETRY_MS, undefined, { signal: this.#closing.signal });
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#closing.signal.aborted || this.#share.phase === 'failed') return;
    const told = asPeerageError(error, 'writing');
    this.#share.fail(told instanceof PeerageError ? told : new PeerageError('internal', String(told)));
    // The store stays: whoever cancels the download wants its partial data removed.
    this.#failing = this.#share.stopSwarm('the download failed').then(() => this.#opened?.check.close());
  }

  async #release(discard: boolean): Promise<void> {
    const checkpointed = this.#checkpoints.stop();
    const opened = this.#opened ?? this.#closed;
    this.#closed = discard ? undefined : opened; // stopped before it is opened anew it can be discarded still
    this.#opened = undefined;
    this.#completing = undefined;
    if (opened === undefined) return;
    await checkpointed;
    await opened.check.close();
    try {
      if (discard) await opened.store.discard();
      else await opened.store.close();
    } catch (error) {
      // A last checkpoint that failed costs a second reading of some pieces at the next start, which knows it from the journal.
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

const isNoSpace = (error: unknown): error is StoreError => error instanceof StoreError && error.failure === 'no_space';

const identityAt = async (path: string): Promise<string> =>
  JSON.stringify(identityOf(await stat(path, { bigint: true })));
