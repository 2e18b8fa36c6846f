import { Geometry } from '@peerage/bittorrent';
import type { TransferEffect, TransferEvent } from '@peerage/swarm';
import { expect, test } from 'vitest';
import { PLAIN_TRAITS } from './peer-traits.ts';
import { runSwarm } from './swarm-run.ts';

const BLOCK_BYTES = 16_384;

/** What an event or effect is about, in a few words. */
function tell(thing: TransferEvent | TransferEffect): string {
  if (thing.type === 'send' || thing.type === 'message') {
    const { message } = thing;
    const about = 'block' in message ? ` ${blockName(message.block)}` : 'piece' in message ? ` ${message.piece}` : '';
    return `${thing.type === 'send' ? '→' : '←'} ${thing.peer} ${message.type}${about}`;
  }
  const about = [
    'peer' in thing ? thing.peer : undefined,
    'block' in thing ? blockName(thing.block) : undefined,
    'piece' in thing ? thing.piece : undefined,
    'pieces' in thing ? thing.pieces : undefined,
    'reason' in thing ? `${thing.reason}: ${thing.detail}` : undefined,
  ];
  return [thing.type, ...about.filter((word) => word !== undefined)].join(' ');
}

function blockName(block: { piece: number; offsetBytes: number }): string {
  return `${block.piece}/${block.offsetBytes / BLOCK_BYTES}`;
}

/** Lines that go on with the next block where a line shortly before ended become one with it. */
function fold(lines: readonly string[]): string[] {
  const folded: { head: string; first: number; last: number }[] = [];
  for (const line of lines) {
    const [, head = line, digits] = /^(.*\/)(\d+)$/.exec(line) ?? [];
    const number = digits === undefined ? Number.NaN : Number(digits);
    const before = folded.slice(-4).find((entry) => entry.head === head && entry.last + 1 === number);
    if (before !== undefined) before.last = number;
    else folded.push({ head, first: number, last: number });
  }
  return folded.map(({ head, first, last }) => {
    if (Number.isNaN(first)) return head;
    return first === last ? `${head}${first}` : `${head}${first}…${last}`;
  });
}

// A story to read: one seeder, two leechers, three pieces, the last a short one. A change of it is a change of behaviour: look at the
// difference, and accept it with `npm test -- -u packages/sim/src/transcript.test.ts`.
test('a tiny swarm does what it did', async () => {
  const lines = new Map<string, string[]>();
  runSwarm(
    {
      geometry: new Geometry(2 * 512 * 1024 + 20_000),
      peers: [{ ...PLAIN_TRAITS, isSeeder: true }, PLAIN_TRAITS, PLAIN_TRAITS],
      latencyMs: [10, 10],
      fastPercent: 100,
      neighbours: 2,
      deadlineMs: 60_000,
    },
    {
      seed: 1,
      checkEvery: 1,
      onStep: ({ peer, event, effects }) => {
        const told = effects.filter((effect) => effect.type !== 'wake_at' && effect.type !== 'serve_block');
        if (event.type === 'block_sent' || (event.type === 'tick' && told.length === 0)) return;
        const story = lines.get(peer) ?? [];
        lines.set(peer, story);
        story.push(tell(event), ...told.map((effect) => `    ${tell(effect)}`));
      },
    },
  );
  const story = [...lines].map(([peer, steps]) => [`# ${peer}`, ...fold(steps)].join('\n')).join('\n\n');
  await expect(`${story}\n`).toMatchFileSnapshot('testdata/tiny-swarm.txt');
});
