import type { Block } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { ScriptedTransfer, sent } from './testing/scripted-transfer.ts';
import type { TransferEffect } from './transfer-events.ts';
import { Withholding } from './withholding.ts';

const PIECE = 512 * 1024;
const PIECES = 160;
const STEP_MS = 20;
/** 50 Mbit/s. */
const STEP_BYTES = 125_000;

/** A lone seeder on a slow uplink, and peers that ask for piece after piece for ever; some never say what they have. */
class LoneSeeder {
  readonly scripted = new ScriptedTransfer({
    pieces: PIECES,
    have: Array.from({ length: PIECES }, (_, index) => index),
  });
  readonly receivedBytes = new Map<number, number>();
  readonly #link: { peer: number; block: Block }[] = [];
  readonly #peers = new Map<number, { isSilent: boolean; asked: number; next: number; unchoked: boolean }>();
  #budget = 0;

  join(peer: number, isSilent: boolean, member = `member-${peer}`): void {
    this.#peers.set(peer, { isSilent, asked: 0, next: peer * 40, unchoked: false });
    this.receivedBytes.set(peer, 0);
    this.#heed(this.scripted.tell({ type: 'peer_joined', peer, member, fast: true }));
    this.#heed(this.scripted.message(peer, { type: 'have_none' }));
    this.#heed(this.scripted.message(peer, { type: 'interested' }));
  }

  run(durationMs: number): void {
    const endMs = this.scripted.nowMs + durationMs;
    while (this.scripted.nowMs < endMs) {
      this.scripted.nowMs += STEP_MS;
      this.#budget = Math.min(this.#budget, 0) + STEP_BYTES;
      while (this.#budget > 0 && this.#link.length > 0) this.#send();
      this.#heed(this.scripted.tell({ type: 'tick' }));
      for (const peer of this.#peers.keys()) this.#ask(peer);
    }
  }

  #send(): void {
    const { peer, block } = this.#link.shift()!;
    this.#budget -= block.lengthBytes;
    const bytes = this.receivedBytes.get(peer)! + block.lengthBytes;
    this.receivedBytes.set(peer, bytes);
    this.#peers.get(peer)!.asked--;
    this.#heed(this.scripted.tell({ type: 'block_sent', peer, block }));
    if (this.#peers.get(peer)!.isSilent || bytes % PIECE !== 0) return;
    this.#heed(this.scripted.message(peer, { type: 'have', piece: block.piece }));
  }

  #ask(peer: number): void {
    const asker = this.#peers.get(peer)!;
    while (asker.unchoked && asker.asked < 32) {
      const piece = asker.next++ % PIECES;
      for (let ordinal = 0; ordinal < 32; ordinal++) {
        asker.asked++;
        this.#heed(this.scripted.message(peer, { type: 'request', block: this.scripted.block(piece, ordinal) }));
      }
    }
  }

  #heed(effects: readonly TransferEffect[]): void {
    for (const effect of effects) if (effect.type === 'serve_block') this.#link.push(effect);
    for (const [peer, asker] of this.#peers) {
      for (const message of sent(effects, peer)) {
        if (message.type === 'choke' || message.type === 'unchoke') asker.unchoked = message.type === 'unchoke';
        if (message.type === 'reject_request') asker.asked--;
      }
    }
  }
}

describe('who keeps asking and never says what it has', () => {
  test.for([1, 4])(
    'gets no more than its turn of a lone seeder at first, then next to nothing (%i of them)',
    (silent) => {
      const world = new LoneSeeder();
      for (let peer = 1; peer <= silent; peer++) world.join(peer, true);
      const honest = silent + 1;
      world.join(honest, false);
      world.run(5_000);
      const before = new Map(world.receivedBytes);
      world.run(4_000);
      const gained = (peer: number) => world.receivedBytes.get(peer)! - before.get(peer)!;
      expect(gained(honest)).toBeGreaterThan(0.6 * 4 * 50 * STEP_BYTES);
      for (let peer = 1; peer <= silent; peer++) expect(gained(peer)).toBeLessThan(2 * PIECE);
    },
  );

  test('is served all the same while nobody else is there', () => {
    const world = new LoneSeeder();
    world.join(1, true);
    world.run(5_000);
    const before = world.receivedBytes.get(1)!;
    world.run(4_000);
    expect(world.receivedBytes.get(1)! - before).toBeGreaterThan(0.5 * 4 * 50 * STEP_BYTES);
  });

  test('makes who comes later wait for less than two seconds', () => {
    const world = new LoneSeeder();
    for (let peer = 1; peer <= 3; peer++) world.join(peer, true);
    world.run(5_000);
    world.join(9, false);
    world.run(2_000);
    expect(world.receivedBytes.get(9)).toBeGreaterThan(0);
  });
});

test('what was withheld counts for half a minute, and no more once the peer says that it has it', () => {
  const { geometry } = new ScriptedTransfer({ pieces: 4 });
  const [first, second] = [geometry.piece(0)!, geometry.piece(1)!];
  const withholding = new Withholding();
  withholding.note('ann', first, PIECE, 0);
  expect(withholding.withholds('ann', 0)).toBe(false);
  withholding.note('ann', second, PIECE, 1_000);
  expect(withholding.withholds('ann', 1_000)).toBe(true);
  expect(withholding.withholds('bob', 1_000)).toBe(false);
  expect(withholding.withholds('ann', 30_000)).toBe(false);
  withholding.note('ann', first, PIECE, 30_000);
  expect(withholding.withholds('ann', 30_500)).toBe(true);
  withholding.settle('ann', second);
  expect(withholding.withholds('ann', 30_500)).toBe(false);
});
