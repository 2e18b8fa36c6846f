import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Geometry } from '@peerage/bittorrent';
import { fileFailure, isMissing } from '../file-failure.ts';
import { OpenFile, syncFolder } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import { SharedTurns } from '../shared-turns.ts';
import { type JournalContent, JournalParser, MAX_LINE_BYTES } from './journal-lines.ts';

/** Appends to the journal of one download; journal-lines.ts says what is in it. */
export class JournalFile {
  readonly #path: string;
  readonly #file: OpenFile;
  readonly #appends = new SharedTurns(() => this.#appendWaiting());
  #waiting = '';
  #torn = false;
  /** Whether the file's name in its folder survives a power cut. */
  #nameSynced: boolean;
  #naming: Promise<void> | undefined;

  private constructor(path: string, file: OpenFile, nameSynced: boolean) {
    this.#path = path;
    this.#file = file;
    this.#nameSynced = nameSynced;
  }

  /** Puts a new journal in the place of the old one, at once; `durable`: not before it survives a power cut, else soon. */
  static async replace(path: string, text: string, durable: boolean): Promise<JournalFile> {
    const newPath = `${path}.new`;
    const flags =
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const file = await OpenFile.open(newPath, flags, 0o600);
    try {
      await file.write(Buffer.from(text), null);
      if (durable) await file.sync();
      await rename(newPath, path);
      if (durable) await syncFolder(dirname(path));
    } catch (cause) {
      await file.close();
      await rm(newPath, { force: true });
      throw fileFailure(cause, path);
    }
    const journal = new JournalFile(path, file, durable);
    // Nobody waits for it: a failure is met again by the first checkpoint, which syncs the name too.
    if (!durable) journal.#naming = journal.sync().catch(() => undefined);
    return journal;
  }

  /** Resolves when the operating system has the text. */
  append(text: string): Promise<void> {
    this.#waiting += text;
    return this.#appends.run();
  }

  /** Resolves when everything appended so far survives a power cut. */
  async sync(): Promise<void> {
    await this.#file.sync();
    if (this.#nameSynced) return;
    await syncFolder(dirname(this.#path));
    this.#nameSynced = true;
  }

  async close(): Promise<void> {
    await this.#naming;
    await this.#file.close();
  }

  /** Closes and removes it. */
  async remove(): Promise<void> {
    await this.close();
    await removeJournal(this.#path);
  }

  async #appendWaiting(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    // After a write that failed half-way: a fresh line, so that only what failed is lost.
    const bytes = Buffer.from(this.#torn ? `\n${text}` : text);
    this.#torn = true;
    await this.#file.write(bytes, null);
    this.#torn = false;
  }
}

export async function removeJournal(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (cause) {
    throw fileFailure(cause, path);
  }
}

/**
 * undefined: none there, or its beginning is damaged. StoreError 'newer_format' where a newer version wrote it, else as the
 * operating system says.
 */
export async function readJournal(path: string, geometry: Geometry): Promise<JournalContent | undefined> {
  const parser = new JournalParser(geometry);
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      let rest = '';
      for await (const chunk of handle.createReadStream({ encoding: 'utf8', autoClose: false })) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        // Longer than any line: only its end is kept, which fits no checksum.
        if (rest.length > MAX_LINE_BYTES) rest = rest.slice(-MAX_LINE_BYTES);
        for (const text of lines) parser.line(text);
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw fileFailure(cause, path);
  }
  const content = parser.end();
  if (content !== 'newer') return content;
  throw new StoreError('newer_format', `${path} was written by a newer version of peerage: update this one`);
}
