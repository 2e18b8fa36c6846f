import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PIECE_BYTES } from '@peerage/bittorrent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { loadNativeSha1, type NativeSha1, startState } from './native-sha1.ts';
import { Sha1, sha1, sha1IsCompiled, sha1OfEach, updateTogether } from './sha1.ts';

const native = loadNativeSha1();
const content = contentOf(3 * PIECE_BYTES);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const expected = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
if (native === undefined) {
  process.stderr.write("no C compiler when the clone was set up, or no SHA-NI: of SHA-1 only Node's own is tested\n");
}

/** What runs on most machines at home. */
function withoutAvx512(): NativeSha1 {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-sha1-'));
  try {
    const made = join(folder, 'sha1.node');
    const source = fileURLToPath(new URL('../../native/sha1.c', import.meta.url));
    const headers = join(dirname(dirname(process.execPath)), 'include/node');
    execFileSync('cc', ['-O3', '-shared', '-fPIC', '-DWITHOUT_AVX512', `-I${headers}`, '-o', made, source]);
    return createRequire(import.meta.url)(made) as NativeSha1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ways: [string, NativeSha1 | null | undefined][] = [
  ["Node's own", null],
  ['compiled', native],
  ['compiled, for a processor without AVX-512', native && withoutAvx512()],
];

describe.each(ways)('SHA-1, %s', (_way, by) => {
  const start = () => new Sha1(by ?? null);

  test.skipIf(by === undefined)('of every short length, at once and byte by byte', () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = content.subarray(length, 2 * length);
      const [whole, slowly] = [start(), start()];
      whole.update(bytes);
      for (let at = 0; at < length; at++) slowly.update(bytes.subarray(at, at + 1));
      expect([hex(whole.digest()), hex(slowly.digest())]).toEqual([expected(bytes), expected(bytes)]);
    }
  });

  test.skipIf(by === undefined)('of several streams with their own lengths and turns', () => {
    const near = (middle: number) => fc.integer({ min: Math.max(0, middle - 2), max: middle + 2 });
    const length = fc.oneof(fc.integer({ max: 300, min: 0 }), near(64), near(128), near(4096), near(PIECE_BYTES));
    const turn = fc.array(fc.record({ from: fc.nat(1000), length }), { minLength: 1, maxLength: 18 });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 4 }), (turns) => {
        const hashes = Array.from({ length: 18 }, start);
        const nodes = hashes.map(() => createHash('sha1'));
        for (const parts of turns) {
          const bytes = parts.map(({ from, length }) => content.subarray(from, from + length));
          updateTogether(hashes.slice(0, parts.length), bytes);
          for (const [at, part] of bytes.entries()) nodes[at]!.update(part);
        }
        expect(hashes.map((each) => hex(each.digest()))).toEqual(nodes.map((each) => each.digest('hex')));
      }),
      { numRuns: 60 },
    );
  });

  test.skipIf(by === undefined)('of the same bytes for any number of streams', () => {
    for (let count = 1; count <= 18; count++) {
      const hashes = Array.from({ length: count }, start);
      const bytes = content.subarray(1, 1 + 64 * count + 7);
      updateTogether(
        hashes,
        hashes.map(() => bytes),
      );
      updateTogether(
        hashes,
        hashes.map((_, at) => content.subarray(at)),
      );
      for (const [at, each] of hashes.entries()) {
        expect(hex(each.digest())).toBe(expected(Buffer.concat([bytes, content.subarray(at)])));
      }
    }
  });

  test.skipIf(by === undefined)('of memory that threads share', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(PIECE_BYTES));
    shared.set(content.subarray(0, PIECE_BYTES));
    const hashes = Array.from({ length: 5 }, start);
    updateTogether(
      hashes,
      hashes.map((_, at) => shared.subarray(at)),
    );
    for (const [at, each] of hashes.entries()) expect(hex(each.digest())).toBe(expected(shared.subarray(at)));
  });

  test.skipIf(by === undefined)('two go on from one place, each its own way', () => {
    for (const length of [0, 1, 64, 100, 6400]) {
      const one = start();
      one.update(content.subarray(0, length));
      const other = one.copy();
      updateTogether([one, other], [content.subarray(7, 900), content.subarray(3, 600)]);
      const after = (from: number, to: number) =>
        expected(Buffer.concat([content.subarray(0, length), content.subarray(from, to)]));
      expect([hex(one.digest()), hex(other.digest())]).toEqual([after(7, 900), after(3, 600)]);
    }
  });

  test.skipIf(by === undefined)('ends once', () => {
    const ended = start();
    ended.digest();
    expect(() => ended.update(content)).toThrow();
    expect(() => ended.digest()).toThrow();
  });
});

test('of pieces', () => {
  const pieces = [0, 1, 2, 3, 4].map((at) => content.subarray(at * 1000, at * 1000 + PIECE_BYTES));
  expect(sha1OfEach(pieces).map(hex)).toEqual(pieces.map(expected));
  expect(pieces.map(sha1).map(hex)).toEqual(pieces.map(expected));
  expect(sha1OfEach([])).toEqual([]);
});

describe.skipIf(native === undefined)('the compiled code', () => {
  const { goOn } = native ?? { goOn: () => undefined };
  const bytes = content.subarray(0, 128);
  const detached = <T extends Uint8Array | Uint32Array>(array: T): T => {
    structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
    return array;
  };

  test('says how many streams it takes at once', () => {
    expect(sha1IsCompiled).toBe(true);
    expect(ways.map(([, by]) => by?.mostLanes)).toEqual([undefined, expect.toBeOneOf([1, 16]), 1]);
  });

  test.each<[string, () => unknown[], string]>([
    ['nothing', () => [], '1 to 16 states'],
    ['a state alone', () => [startState()], '1 to 16 states'],
    ['bytes without a state', () => [startState(), bytes, startState()], '1 to 16 states'],
    ['17 streams', () => Array.from({ length: 17 }, () => [startState(), bytes]).flat(), '1 to 16 states'],
    ['a state of 4', () => [new Uint32Array(4), bytes], 'Uint32Array of 5'],
    ['a state of other numbers', () => [new Float32Array(5), bytes], 'Uint32Array of 5'],
    ['a plain array', () => [[1, 2, 3, 4, 5], bytes], 'Uint32Array of 5'],
    ['a detached state', () => [detached(startState()), bytes], 'Uint32Array of 5'],
    ['null', () => [null, null], 'Uint32Array of 5'],
    ['other bytes', () => [startState(), new Int8Array(64)], 'bytes are a Uint8Array'],
    ['a view', () => [startState(), new DataView(new ArrayBuffer(64))], 'bytes are a Uint8Array'],
    ['a number', () => [startState(), 64], 'bytes are a Uint8Array'],
    ['no whole blocks', () => [startState(), bytes.subarray(1)], 'in blocks of 64'],
    ['other lengths', () => [startState(), bytes, startState(), bytes.subarray(64)], 'equally many'],
    ['detached bytes', () => [startState(), bytes, startState(), detached(new Uint8Array(128))], 'equally many'],
  ])('refuses %s', (_name, given, sentence) => {
    expect(() => Reflect.apply(goOn, undefined, given())).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(sentence) }),
    );
  });

  test('works in several threads of a process', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.module).then(({ sha1IsCompiled, sha1OfEach }) => {
        const pieces = Array.from({ length: 40 }, (_, at) => workerData.content.subarray(at));
        parentPort.postMessage([sha1IsCompiled, ...sha1OfEach(pieces).map((each) => Buffer.from(each).toString('hex'))]);
      });`;
    const module = new URL('./sha1.ts', import.meta.url).href;
    const few = content.subarray(0, 100_000);
    const right = Array.from({ length: 40 }, (_, at) => expected(few.subarray(at)));
    const said = await Promise.all(
      [1, 2, 3].map(async () => {
        const worker = new Worker(code, { eval: true, workerData: { module, content: few } });
        const [message] = await once(worker, 'message');
        await worker.terminate();
        return message as unknown;
      }),
    );
    expect(said).toEqual([1, 2, 3].map(() => [true, ...right]));
  });
});

describe('where the compiled code can not be had', () => {
  const inFolder = testFolder();
  const name = `sha1-${process.platform}-${process.arch}`;
  const made = new URL(`../../dist/${name}`, import.meta.url);
  const here = () => pathToFileURL(`${inFolder('.')}/`);
  const copy = () => {
    for (const ending of ['node', 'json'])
      copyFileSync(new URL(`${made.href}.${ending}`), inFolder(`${name}.${ending}`));
  };

  test('there is no file', () => {
    expect(loadNativeSha1(here())).toBeUndefined();
  });

  test('it could not be compiled', () => {
    writeFileSync(inFolder(`${name}.json`), JSON.stringify({ source: 'x', tried: 'cc' }));
    expect(loadNativeSha1(here())).toBeUndefined();
  });

  test('the file is another thing, though noted', () => {
    writeFileSync(inFolder(`${name}.node`), 'not a program');
    const sha256 = createHash('sha256').update('not a program').digest('hex');
    writeFileSync(inFolder(`${name}.json`), JSON.stringify({ sha256 }));
    expect(loadNativeSha1(here())).toBeUndefined();
  });

  // Neither is ever loaded: what is cut short under a running program ends it.
  test.skipIf(native === undefined)('the file is cut short', () => {
    copy();
    truncateSync(inFolder(`${name}.node`), 16_384);
    expect(loadNativeSha1(here())).toBeUndefined();
  });

  test.skipIf(native === undefined)('the file was changed', () => {
    copy();
    const bytes = readFileSync(inFolder(`${name}.node`));
    bytes[20_000]! ^= 1;
    writeFileSync(inFolder(`${name}.node`), bytes);
    expect(loadNativeSha1(here())).toBeUndefined();
  });
});
