import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkPortableName } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';
import { fileFailure } from '@peerage/storage';
import { asPeerageError } from '../../store-errors.ts';

/** Keeps what was dropped on the page in a folder of its own, under its own name; resolves to its path once all of it is there. */
export async function keepDropped(request: IncomingMessage, folder: string, encodedName: string): Promise<string> {
  const name = decoded(encodedName).normalize('NFC');
  const problem = checkPortableName(name);
  if (problem !== undefined)
    throw new PeerageError(
      'unsafe_name',
      `the name '${name.slice(0, 80)}' ${problem}: rename the file and drop it again`,
    );
  const own = join(folder, randomBytes(8).toString('hex'));
  const path = join(own, name);
  try {
    await mkdir(own, { recursive: true, mode: 0o700 });
    await pipeline(request, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') {
      throw new PeerageError('interrupted', 'the file did not come in whole: drop it again');
    }
    throw asPeerageError(fileFailure(error, path), 'writing');
  }
  return path;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new PeerageError('unsafe_name', 'the name of the dropped file is no text');
  }
}
