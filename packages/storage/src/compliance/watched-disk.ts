import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';

/** Numbers below `below`, the same for the same seed. */
function drawing(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface Known {
  /** Begins of writes that returned and that no sync has covered. */
  written: { readonly offsetBytes: number }[];
  syncedBytes: number;
}

const SLOW_TURNS = 6;

/**
 * Stands between the stores of one test and the disk: lets the answers of files come in any order, stops a process at any moment as a kill
 * does, and knows what a power cut may take: data and lines of the journal that no sync has covered. Names are not taken back.
 */
export class WatchedDisk {
  readonly #draw: (below: number) => number;
  readonly #files = new Map<string, Known>();
  readonly #lives = new WeakMap<OpenFile, number>();
  readonly #running = new Set<Promise<unknown>>();
  #life = 0;
  #isDown = false;

  constructor(seed: number) {
    this.#draw = drawing(seed);
    const { read, write, stat, truncate, sync, syncData } = OpenFile.prototype;
    const disk = this;
    const on = <Name extends 'read' | 'write' | 'stat' | 'truncate' | 'sync' | 'syncData'>(
      name: Name,
      work: (file: OpenFile, ...words: Parameters<OpenFile[Name]>) => Promise<unknown>,
    ) => {
      const spy = vi.spyOn(OpenFile.prototype, name as 'stat');
      spy.mockImplementation(function (this: OpenFile, ...words: unknown[]) {
        return disk.#answer(this, () => work(this, ...(words as Parameters<OpenFile[Name]>))) as never;
      });
    };
    on('read', (file, ...words) => read.apply(file, words));
    on('stat', (file) => stat.apply(file));
    on('truncate', (file, ...words) => truncate.apply(file, words));
    on('write', async (file, bytes, offsetBytes) => {
      const known = this.#of(file);
      await write.call(file, bytes, offsetBytes);
      if (offsetBytes !== null) known.written.push({ offsetBytes });
    });
    on('sync', (file) => this.#sync(file, () => sync.apply(file)));
    on('syncData', (file) => this.#sync(file, () => syncData.apply(file)));
  }

  /** The process is gone: nothing that it has open does anything any more. Resolves when what was under way has ended. */
  async kill(): Promise<void> {
    this.#life++;
    this.#isDown = true;
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Another process begins: what is opened from now on is its own. */
  start(): void {
    this.#isDown = false;
  }

  /** After `kill`: takes some of what was not synced below `folder`. */
  cutPower(folder: string, isJournal: (path: string) => boolean): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const known = entry.isFile() && this.#files.get(keyOf(statSync(path, { bigint: true })));
      if (!known) continue;
      if (isJournal(path)) {
        const text = readFileSync(path, 'latin1');
        // What no line says was its own, a download can't tell from the user's: it refuses to go on, which is no game for here.
        const ownBytes = text.indexOf('\n', text.lastIndexOf(' part ')) + 1;
        const keptBytes = Math.max(known.syncedBytes, text.includes(' part ') ? ownBytes : 0);
        truncateSync(path, keptBytes + this.#draw(text.length - keptBytes + 1));
      } else for (const { offsetBytes } of known.written) if (this.#draw(2) === 0) damageByte(path, offsetBytes);
    }
  }

  restore(): void {
    vi.restoreAllMocks();
  }

  async #answer<Result>(file: OpenFile, work: () => Promise<Result>): Promise<Result> {
    const life = this.#lives.get(file) ?? (this.#isDown ? -1 : this.#life);
    this.#lives.set(file, life);
    this.#refuseDead(life);
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      await turnsOfTheLoop(this.#draw(SLOW_TURNS));
      this.#refuseDead(life);
    }
  }

  async #sync(file: OpenFile, sync: () => Promise<void>): Promise<void> {
    const known = this.#of(file);
    const covered = new Set(known.written);
    const { size } = file.statNow();
    await sync();
    await turnsOfTheLoop(this.#draw(SLOW_TURNS));
    known.written = known.written.filter((range) => !covered.has(range));
    known.syncedBytes = Math.max(known.syncedBytes, Number(size));
  }

  #refuseDead(life: number): void {
    if (life !== this.#life) throw new StoreError('io', 'the process was killed');
  }

  #of(file: OpenFile): Known {
    const key = keyOf(file.statNow());
    const known = this.#files.get(key) ?? { written: [], syncedBytes: 0 };
    this.#files.set(key, known);
    return known;
  }
}

const keyOf = ({ ino, birthtimeNs }: { readonly ino: bigint; readonly birthtimeNs: bigint }): string =>
  `${ino} ${birthtimeNs}`;

/** Another byte at that place, unseen by whoever looks at the file's times: what a disk does that forgets. */
export function damageByte(path: string, offsetBytes: number, by = 1): void {
  const handle = openSync(path, 'r+');
  try {
    const { mtimeNs } = fstatSync(handle, { bigint: true });
    const byte = new Uint8Array(1);
    readSync(handle, byte, 0, 1, offsetBytes);
    byte[0]! += by; // a second time is no mending
    writeSync(handle, byte, 0, 1, offsetBytes);
    const at = `@${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`;
    if (spawnSync('touch', ['-m', '-d', at, path]).status !== 0) throw new Error(`no time for ${path}`);
  } finally {
    closeSync(handle);
  }
}

/** Paths below `folder` that this process holds open, where the system tells. */
export function openBelow(folder: string): string[] {
  const descriptors = '/proc/self/fd';
  if (!existsSync(descriptors)) return [];
  return readdirSync(descriptors).flatMap((descriptor) => {
    try {
      const path = readlinkSync(join(descriptors, descriptor));
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // the one that listed them
    }
  });
}
