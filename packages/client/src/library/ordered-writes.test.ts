import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OrderedWrites } from './ordered-writes.ts';

let database: DatabaseSync;
let writes: OrderedWrites;
beforeEach(() => {
  vi.useFakeTimers();
  database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE notes (text TEXT)');
  writes = new OrderedWrites('/home/alice/peerage');
});
afterEach(() => {
  writes.close();
  database.close();
  vi.useRealTimers();
});

/** SQLite then answers as on a full disk. */
const fill = () => database.exec(`PRAGMA max_page_count = ${pages()}`);
const makeSpace = () => database.exec('PRAGMA max_page_count = 1000');
const pages = () => Number(database.prepare('PRAGMA page_count').get()!['page_count']);
const note = (text: string) => () => void database.prepare('INSERT INTO notes VALUES (?)').run(text + ' '.repeat(5000));
const noted = () =>
  database
    .prepare('SELECT text FROM notes')
    .all()
    .map((row) => String(row['text']).trim());

test('with space everything is written at once', () => {
  writes.now(note('one'));
  writes.soon(note('two'));
  expect(noted()).toEqual(['one', 'two']);
  expect(vi.getTimerCount()).toBe(0);
});

test('on a full disk a command is refused in words; what happened by itself is noted once there is space, in its order', () => {
  fill();
  const refusal = { code: 'no_space', message: "the disk that holds '/home/alice/peerage' is full: make space there" };
  expect(() => writes.now(note('refused'))).toThrow(expect.objectContaining(refusal));
  writes.soon(note('one'));
  writes.soon(note('two'));
  vi.advanceTimersByTime(5000);
  expect(noted()).toEqual([]);
  makeSpace();
  writes.now(note('three'));
  expect(noted()).toEqual(['one', 'two', 'three']);

  fill();
  writes.soon(note('four'));
  makeSpace();
  vi.advanceTimersByTime(1000);
  expect(noted()).toEqual(['one', 'two', 'three', 'four']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a defect is no full disk, and does not stand in the way of what comes', () => {
  expect(() => writes.soon(() => database.exec('INSERT INTO other VALUES (1)'))).toThrow(/no such table/);
  writes.now(note('one'));
  expect(noted()).toEqual(['one']);
  expect(() => writes.now(() => database.exec('INSERT INTO other VALUES (1)'))).toThrow(/no such table/);
});

test('closing writes what it can', () => {
  fill();
  writes.soon(note('one'));
  makeSpace();
  writes.close();
  expect(noted()).toEqual(['one']);
  expect(vi.getTimerCount()).toBe(0);
});
