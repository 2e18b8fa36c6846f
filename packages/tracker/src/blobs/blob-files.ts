import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { METAINFO_LIMITS } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';
import type { MetainfoSummary } from './metainfo-summary.ts';
import { MetainfoParser } from './metainfo-thread.ts';

/** Metainfo that was received, verified, and lies in a temporary file. */
export interface ReceivedBlob {
  readonly temporaryPath: string;
  readonly blobBytes: number;
  readonly summary: MetainfoSummary;
}

/**
 * Metainfo on disk: one immutable file each, `<folder>/<group>/<info-hash>`. Always true: under a final name lie bytes that were verified and synced. Which of
 * them are listed is the store's to say.
 */
export class BlobFiles {
  readonly #folder: string;
  readonly #parser = new MetainfoParser();
  readonly #requireRoom: (bytes: number) => void;
  #bytes = 0;
  #lastWork: Promise<unknown> = Promise.resolve();

  /** `requireRoom` throws where so many bytes more do not fit. */
  constructor(folder: string, requireRoom: (bytes: number) => void = () => undefined) {
    this.#folder = folder;
    this.#requireRoom = requireRoom;
  }

  /** What all metainfo takes, once it was measured. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts what lies here from earlier runs. */
  async measure(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    this.#bytes = 0;
    for (const group of await readdir(this.#folder, { withFileTypes: true })) {
      if (!group.isDirectory()) continue;
      for (const name of await readdir(join(this.#folder, group.name))) {
        this.#bytes += await sizeOf(join(this.#folder, group.name, name));
      }
    }
  }

  /** Reads metainfo from a stream to a temporary file, and checks it: size, SHA-1, form, group. The caller keeps or discards it. */
  async receive(stream: Readable, gid: string, infoHash: string): Promise<ReceivedBlob> {
    await mkdir(this.#folder, { recursive: true });
    const temporaryPath = join(this.#folder, `tmp-${randomBytes(8).toString('hex')}`);
    try {
      const { blobBytes, sha1 } = await writeCapped(stream, temporaryPath, this.#requireRoom);
      if (sha1 !== infoHash) {
        throw new PeerageError('integrity', 'the metainfo does not have the SHA-1 it was sent under: send it again');
      }
      const summary = await this.#parser.parse(temporaryPath, blobBytes);
      if (summary.group !== gid) throw new PeerageError('protocol', 'the metainfo was made for another group');
      return { temporaryPath, blobBytes, summary };
    } catch (error) {
      await this.discard({ temporaryPath });
      throw error;
    }
  }

  async discard({ temporaryPath }: Pick<ReceivedBlob, 'temporaryPath'>): Promise<void> {
    await rm(temporaryPath, { force: true });
  }

  /** Gives received metainfo its final name; when this resolves it survives a power cut. */
  async keep({ temporaryPath, blobBytes }: ReceivedBlob, gid: string, infoHash: string): Promise<void> {
    const folder = join(this.#folder, gid);
    if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFolder(this.#folder);
    const path = this.#path(gid, infoHash);
    const replacedBytes = await sizeOf(path);
    await rename(temporaryPath, path);
    this.#bytes += blobBytes - replacedBytes;
    await syncFolder(folder);
  }

  /** Opens metainfo; rejects with `integrity` where the file is missing. */
  async open(gid: string, infoHash: string): Promise<{ sizeBytes: number; stream: ReadStream }> {
    const file = await open(this.#path(gid, infoHash)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new PeerageError('integrity', 'the tracker lost the metainfo of that file: share it again');
    });
    const { size } = await file.stat();
    return { sizeBytes: size, stream: createReadStream('', { fd: file, autoClose: true }) };
  }

  async remove(gid: string, infoHash: string): Promise<void> {
    const path = this.#path(gid, infoHash);
    const removedBytes = await sizeOf(path);
    await rm(path, { force: true });
    this.#bytes -= removedBytes;
  }

  /** Temporary files that a crash left behind. */
  async removeLeftovers(olderThanMs: number, nowMs: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const name of await readdir(this.#folder)) {
      if (!name.startsWith('tmp-')) continue;
      const path = join(this.#folder, name);
      const known = await stat(path).catch(() => undefined); // gone meanwhile: kept or discarded by its upload
      if (known && nowMs - known.mtimeMs > olderThanMs) await rm(path, { force: true });
    }
  }

  /** Runs what changes files and rows together alone, so that keeping and removing the same metainfo can't cross. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastWork.then(work, work);
    this.#lastWork = turn.catch(() => undefined); // the failure is the caller's
    return turn;
  }

  #path(gid: string, infoHash: string): string {
    return join(this.#folder, gid, infoHash);
  }
}

const ASK_EVERY_BYTES = 1024 * 1024;

/** 0 for a file that is not there. */
const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

async function writeCapped(
  stream: Readable,
  path: string,
  requireRoom: (bytes: number) => void,
): Promise<{ blobBytes: number; sha1: string }> {
  const hash = createHash('sha1');
  let blobBytes = 0;
  let askAtBytes = 0;
  const file = await open(path, 'wx');
  try {
    // The stream is its connection: it stays open for the refusal.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      blobBytes += chunk.length;
      if (blobBytes > METAINFO_LIMITS.infoBytes) throw new PeerageError('limit', 'metainfo has at most 64 MiB');
      if (blobBytes > askAtBytes) {
        requireRoom(blobBytes);
        askAtBytes = blobBytes + ASK_EVERY_BYTES;
      }
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
    }
    await file.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new PeerageError('no_space', 'the disk of the tracker is full: its operator has to make room');
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
      throw new PeerageError('protocol', 'the metainfo was cut off');
    throw error;
  } finally {
    await file.close();
  }
  return { blobBytes, sha1: hash.digest('hex') };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
