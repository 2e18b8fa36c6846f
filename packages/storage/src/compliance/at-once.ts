import type { PieceIndex } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type PieceStore, StoreError } from '../piece-store.ts';
import { pieceOf } from './content.ts';
import { openBelow, turnsOfTheLoop, type WatchedDisk } from './watched-disk.ts';

/** A store under test, from one opening to the next. */
export interface Subject {
  readonly store: PieceStore & { lose(piece: PieceIndex): Promise<void> };
  /** Changes a byte of a stored piece on the disk by so much, wherever that is now. */
  damage(piece: PieceIndex, by: number): void;
  /** Nothing can be lost by this store any more. */
  isFinal(isFinished: boolean): boolean;
  /** Of a folder: gives a name to one of the files that are whole. */
  nameOne?(pick: number): Promise<void> | undefined;
}

const verbs = [
  'write',
  'write',
  'write',
  'kept',
  'kept',
  'wrong',
  'read',
  'lose',
  'lose',
  'checkpoint',
  'checkpoint',
  'name',
  'name',
  'finish',
  'finish',
] as const;
const ends = ['stop', 'stop', 'kill', 'cut', 'cut', 'discard'] as const;

interface Step {
  readonly do: (typeof verbs)[number];
  readonly piece: number;
  /** Turns of the event loop before the next step; 0: in the same turn. */
  readonly turns: number;
}

export interface Section {
  readonly steps: readonly Step[];
  readonly end: (typeof ends)[number];
  /** Whatever was begun has ended before the end. */
  readonly quiet: boolean;
}

export const sections = (pieceCount: number): fc.Arbitrary<Section[]> =>
  fc.array(
    fc.record({
      steps: fc.array(fc.record({ do: fc.constantFrom(...verbs), piece: fc.nat(pieceCount - 1), turns: fc.nat(5) }), {
        minLength: 3,
        maxLength: 25,
      }),
      end: fc.constantFrom(...ends),
      quiet: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  );

/**
 * Begins operations of a store without waiting for the ones before, as an engine may, and keeps account of what it was promised. What an
 * engine never does is left out: two writes of a piece of which one is wrong, losing a piece that is being written.
 */
class AtOnce {
  readonly #subject: Subject;
  readonly #content: Uint8Array;
  readonly #running = new Set<Promise<void>>();
  readonly #followed: Promise<void>[] = [];
  readonly #writing = new Map<PieceIndex, { wrong: boolean; count: number }>();
  readonly #losing = new Set<PieceIndex>();
  readonly #losses = new Map<PieceIndex, number>();
  readonly #durable = new Set<PieceIndex>();
  #finishing = 0;
  #finished = false;
  #ending = false;

  constructor(subject: Subject, content: Uint8Array) {
    this.#subject = subject;
    this.#content = content;
    for (const piece of this.held()) this.#durable.add(piece);
  }

  /** Were checkpointed, and not lost since. */
  get durable(): ReadonlySet<PieceIndex> {
    return this.#durable;
  }

  held(): PieceIndex[] {
    const { have, geometry } = this.#subject.store;
    return [...geometry.pieces()].filter((piece) => have.has(piece) && !this.#losing.has(piece));
  }

  async run({ steps, quiet }: Section): Promise<void> {
    for (const step of steps) {
      const operation = this.#begin(step);
      if (operation !== undefined) this.#follow(step, operation);
      if (step.turns > 0) await turnsOfTheLoop(step.turns - 1);
    }
    if (quiet) await this.settled();
    this.#ending = true;
  }

  /** Whatever was begun has ended. Throws where something failed that may not. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await Promise.all(this.#followed);
  }

  #follow(step: Step, operation: Promise<void>): void {
    const followed = operation
      .catch((cause: unknown) => {
        if (this.#ending && cause instanceof StoreError) return; // it is closed, or discarded
        throw new Error(`${step.do} ${step.piece} failed`, { cause });
      })
      .finally(() => this.#running.delete(followed));
    followed.catch(() => undefined); // seen by `settled`
    this.#followed.push(followed);
    this.#running.add(followed);
  }

  /** After a kill: that a piece was found wrong and not noted as lost yet is news that went with the process. */
  mendUntold(): void {
    for (const piece of this.#losing) this.#subject.damage(piece, -1);
  }

  #begin({ do: verb, piece: index }: Step): Promise<void> | undefined {
    const { store } = this.#subject;
    const piece = store.geometry.piece(index)!;
    switch (verb) {
      case 'write':
        return this.#write(piece, false, (bytes) => store.writePiece(piece, bytes));
      case 'kept':
        return this.#write(piece, false, async (bytes) => {
          await store.writeUnverified(piece, bytes);
          await turnsOfTheLoop(index);
          store.keepPiece(piece);
        });
      case 'wrong':
        if (store.have.has(piece)) return undefined;
        return this.#write(piece, true, (bytes) => {
          bytes[bytes.length >> 1]! ^= 1;
          return store.writeUnverified(piece, bytes);
        });
      case 'read':
        return store.have.has(piece) && !this.#losing.has(piece) ? this.#read(piece) : undefined;
      case 'lose':
        return this.#lose(piece);
      case 'checkpoint':
        return this.#checkpoint();
      case 'name':
        return this.#subject.nameOne?.(index)?.catch(unlessIncomplete);
      case 'finish':
        return this.#finish();
    }
  }

  async #finish(): Promise<void> {
    this.#finishing++;
    try {
      await this.#subject.store.finish();
      this.#finished = true;
    } catch (cause) {
      unlessIncomplete(cause);
    } finally {
      this.#finishing--;
    }
  }

  #write(piece: PieceIndex, wrong: boolean, write: (bytes: Uint8Array) => Promise<void>): Promise<void> | undefined {
    const others = this.#writing.get(piece);
    if (others !== undefined && (others.wrong || wrong)) return undefined;
    const entry = others ?? { wrong, count: 0 };
    this.#writing.set(piece, entry);
    entry.count++;
    const bytes = Uint8Array.from(pieceOf(this.#content, this.#subject.store.geometry, piece));
    const losses = this.#losses.get(piece);
    return write(bytes)
      .then(() => {
        const isHeld = this.#subject.store.have.has(piece);
        if (!wrong && !this.#ending && this.#losses.get(piece) === losses && !this.#losing.has(piece))
          expect(isHeld, `piece ${piece} is held`).toBe(true);
      })
      .finally(() => {
        bytes.fill(0); // the buffer is the caller's again
        if (--entry.count === 0) this.#writing.delete(piece);
      });
  }

  async #read(piece: PieceIndex): Promise<void> {
    const { store } = this.#subject;
    const losses = this.#losses.get(piece);
    const into = new Uint8Array(store.geometry.pieceLengthBytes(piece));
    await store.readPiece(piece, into);
    if (this.#losses.get(piece) !== losses) return;
    expect(Buffer.compare(into, pieceOf(this.#content, store.geometry, piece)), `piece ${piece}`).toBe(0);
  }

  #lose(piece: PieceIndex): Promise<void> | undefined {
    const { store } = this.#subject;
    const isBusy = this.#writing.has(piece) || this.#losing.has(piece) || this.#finishing > 0;
    if (this.#subject.isFinal(this.#finished) || isBusy || !store.have.has(piece)) return undefined;
    this.#subject.damage(piece, 1);
    this.#losing.add(piece);
    this.#losses.set(piece, (this.#losses.get(piece) ?? 0) + 1);
    this.#durable.delete(piece);
    return store.lose(piece).then(() => {
      this.#losing.delete(piece);
    });
  }

  async #checkpoint(): Promise<void> {
    const held = this.held().map((piece) => [piece, this.#losses.get(piece)] as const);
    await this.#subject.store.checkpoint();
    for (const [piece, losses] of held) if (this.#losses.get(piece) === losses) this.#durable.add(piece);
  }
}

/** Asked to name what is not whole: refused. */
function unlessIncomplete(cause: unknown): void {
  if (!(cause instanceof RangeError)) throw cause;
}

export interface Script {
  readonly content: Uint8Array;
  readonly folder: string;
  readonly disk: WatchedDisk;
  readonly sections: readonly Section[];
  /** Opens it, in the later rounds perhaps with more of it chosen. */
  open(round: number): Promise<Subject>;
  /** Throws where something under a final name is wrong or incomplete. */
  expectNothingWrong(): void;
  /** Names of what is left beside the final names. */
  leftovers(): string[];
}

/** Plays the sections, and checks after each what the next opening finds. */
export async function playAtOnce(script: Script): Promise<void> {
  const { content, folder, disk } = script;
  for (const [round, section] of script.sections.entries()) {
    const subject = await script.open(round);
    const { store } = subject;
    script.expectNothingWrong();
    await expectRight(store, content);
    const atOnce = new AtOnce(subject, content);
    await atOnce.run(section);
    if (section.end === 'stop') await store.close();
    else if (section.end === 'discard') await store.discard();
    else await disk.kill();
    await atOnce.settled();
    atOnce.mendUntold();
    await store.close().catch(() => undefined);
    disk.start();
    expect(openBelow(folder)).toEqual([]);
    script.expectNothingWrong();
    if (section.end === 'cut') disk.cutPower(folder, (path) => path.endsWith('.journal'));
    if (section.end === 'discard') expect(script.leftovers()).toEqual([]);
    const again = await script.open(round + 1);
    await expectRight(again.store, content);
    script.expectNothingWrong();
    const held = [...store.geometry.pieces()].filter((piece) => again.store.have.has(piece));
    if (section.end !== 'discard') {
      expect(held, 'kept').toEqual(expect.arrayContaining(section.end === 'cut' ? [...atOnce.durable] : atOnce.held()));
    }
    await again.store.close();
  }
}

/** Every piece that a store has is right. */
async function expectRight(store: PieceStore, content: Uint8Array): Promise<void> {
  for (const piece of store.geometry.pieces()) {
    if (!store.have.has(piece)) continue;
    const into = new Uint8Array(store.geometry.pieceLengthBytes(piece));
    await store.readPiece(piece, into);
    expect(Buffer.compare(into, pieceOf(content, store.geometry, piece)), `piece ${piece} is held and wrong`).toBe(0);
  }
}

/** More, by hand. */
const seconds = Number(process.env['PEERAGE_SECONDS'] ?? 5);

/** Plays drawn scripts for some 5 s; PEERAGE_SECONDS says otherwise. What has begun is played to its end. */
export async function playForSeconds<Drawn extends [unknown, ...unknown[]]>(
  drawn: { readonly [At in keyof Drawn]: fc.Arbitrary<Drawn[At]> },
  play: (...drawn: Drawn) => Promise<void>,
): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  const property = fc.asyncProperty(...(drawn as [fc.Arbitrary<unknown>]), async (...words) => {
    if (performance.now() < endMs) await play(...(words as unknown as Drawn));
  });
  // Which operations meet is the disk's doing, too: a script that failed may pass when it is made smaller.
  await fc.assert(property, { numRuns: 6 * seconds, endOnFailure: true });
}
