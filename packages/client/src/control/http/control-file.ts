import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { CONTROL_FILE, ControlFile, placesIn } from '@peerage/contract';
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
    sweep(folder);
    const file = join(folder, createHash('sha256').update(home).digest('hex').slice(0, 32));
    replace(file, `${home}\n`);
    return file;
  } catch {
    return null; // no such folder can be had: a convenience less
  }
}

/** Takes out the lines of clients that were killed: nothing of them runs any more. */
function sweep(folder: string): void {
  const lines = readdirSync(folder).filter((name) => !name.endsWith('.new')); // another client is writing its own
  for (const name of lines) {
    const file = join(folder, name);
    if (!runs(readFileSync(file, 'utf8').trim())) rmSync(file, { force: true });
  }
}

/** Whether the process that `control.json` of that home names is there. A number that another process has now is taken for it. */
function runs(home: string): boolean {
  try {
    const { pid } = ControlFile.parse(JSON.parse(readFileSync(join(home, CONTROL_FILE), 'utf8')));
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // there, and somebody else's
  }
}
