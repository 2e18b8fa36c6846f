import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/**
 * A process of its own that looks at one path as often as it can and hashes what appears there, from the moment it appears: `node name-watch.ts <path>`.
 * At the end of its input it writes what it saw, a {@link NameReport}, as one line of JSON.
 */
export interface NameReport {
  readonly looks: number;
  /** How often the name was there after it had not been there, or belonged to another file than before. */
  readonly appearances: number;
  /** Every size that the file was seen with. */
  readonly sizes: readonly number[];
  /** SHA-1 as it was when the name appeared, of each appearance. */
  readonly sha1s: readonly string[];
}

const LOOK_MS = 1;
const path = process.argv[2]!;
const sizes = new Set<number>();
const sha1s: string[] = [];
let looks = 0;
let seen: number | undefined;

const timer = setInterval(look, LOOK_MS);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  look();
  const report: NameReport = { looks, appearances: sha1s.length, sizes: [...sizes], sha1s };
  process.stdout.write(`${JSON.stringify(report)}\n`);
});

function look(): void {
  looks++;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) sizes.add(found.size);
  const isNew = found !== undefined && found.ino !== seen;
  seen = found?.ino;
  if (isNew) sha1s.push(sha1Now());
}

function sha1Now(): string {
  const hash = createHash('sha1');
  const file = openSync(path, 'r');
  const block = Buffer.allocUnsafe(1024 * 1024);
  for (let length = readSync(file, block); length > 0; length = readSync(file, block)) {
    hash.update(block.subarray(0, length));
  }
  closeSync(file);
  return hash.digest('hex');
}
