import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { CONTROL_FILE, type ControlFile, placesIn } from '@peerage/contract';
import { surroundings } from '../../home/home.ts';

/** Tells commands of this user how the client on that home is reached: `control.json` in it, and a line among the running clients. Answers what takes both away. */
export function announceControl(home: string, how: ControlFile): () => void {
  const file = join(home, CONTROL_FILE);
  replace(file, `${JSON.stringify(how)}\n`);
  const running = rememberRunning(home);
  return () => {
    rmSync(file, { force: true });
    if (running !== null) rmSync(running, { force: true });
  };
}

/** Whole or not at all: who reads it never finds half a token. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Null where the folder for it is not this user's alone: then only `--home` finds a client whose home was chosen by hand. */
function rememberRunning(home: string): string | null {
  const folder = placesIn(surroundings()).running;
  try {
    const parent = join(folder, '..');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const own of [parent, folder]) {
      const found = lstatSync(own);
      if (!found.isDirectory() || found.uid !== userInfo().uid) return null;
      chmodSync(own, 0o700);
    }
    const file = join(folder, createHash('sha256').update(home).digest('hex').slice(0, 32));
    replace(file, `${home}\n`);
    return file;
  } catch {
    return null; // no such folder can be had: a convenience less
  }
}
