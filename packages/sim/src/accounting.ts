import type { PieceIndex } from '@peerage/bittorrent';
import type { SimPeer } from './sim-peer.ts';
import type { VirtualClock } from './virtual-clock.ts';

// Where the time of the links goes: every peer's links are looked at every few milliseconds, and a table says what they did in each part of the run.

/** What an uplink does at a moment; where it is idle, how far the next block got on its way to it. */
const UP_STATES = {
  first: 'sends a piece that nobody was sent before',
  again: 'sends a piece that somebody else was sent before',
  held: 'idle: receivers are behind',
  line: 'idle: asked for, not handed over',
  granted: 'idle: granted, not asked for',
  wanted: 'idle: somebody is interested, nothing is granted',
  onItsWay: 'idle: what others lack of it comes from elsewhere',
  nothing: 'idle: nobody lacks anything of it',
} as const;
type UpState = keyof typeof UP_STATES;

/** The same of a downlink. */
const DOWN_STATES = {
  busy: 'busy',
  asked: 'idle: something is asked for',
  unchoked: 'idle: unchoked, nothing asked for',
  wanting: 'idle: interested, choked',
  none: 'idle: nothing that neighbours have is wanted',
} as const;
type DownState = keyof typeof DOWN_STATES;

const EVERY_MS = 5;
/** Where peers take turns, each is looked at when its turn is over. */
const BEFORE_THE_NEXT_TURN_MS = 0.001;
const PARTS = 10;
/** In a large crowd a tenth of the looks is enough for all but the seeders: it would take longer than the run. */
const CROWD_LOOKS = 10;

interface Row {
  seeder: Partial<Record<UpState, number>>;
  up: Partial<Record<UpState, number>>;
  down: Partial<Record<DownState, number>>;
}

export class Accounting {
  readonly #rows: Row[] = [];
  readonly #sentTo = new Map<PieceIndex, number>();

  /** `turnMs` where peers take turns, else 0. */
  constructor(clock: VirtualClock, peers: readonly SimPeer[], turnMs: number) {
    const everyMs = Math.max(EVERY_MS, turnMs);
    const seeders = peers.filter((peer) => peer.traits.isSeeder);
    const look = () => {
      this.#look(turnMs === 0 || this.#rows.length % CROWD_LOOKS === 0 ? peers : seeders);
      clock.after(everyMs, peers.length, look);
    };
    clock.after(everyMs - BEFORE_THE_NEXT_TURN_MS, peers.length, look);
  }

  #look(peers: readonly SimPeer[]): void {
    const row: Row = { seeder: {}, up: {}, down: {} };
    this.#rows.push(row);
    for (const peer of peers) {
      const up = this.#upState(peer);
      const ups = peer.traits.isSeeder ? row.seeder : row.up;
      ups[up] = (ups[up] ?? 0) + 1;
      if (peer.completedAtMs !== undefined) continue;
      const down = downState(peer);
      row.down[down] = (row.down[down] ?? 0) + 1;
    }
  }

  #upState(peer: SimPeer): UpState {
    const { sending, isHeld } = peer.uplinkNow;
    if (sending !== undefined) {
      if (!peer.traits.isSeeder) return 'again';
      const first = this.#sentTo.get(sending.piece) ?? sending.to;
      this.#sentTo.set(sending.piece, first);
      return first === sending.to ? 'first' : 'again';
    }
    const { state } = peer.transfer;
    const sessions = [...state.sessions.values()];
    if (isHeld) return 'held';
    if (state.line.size > 0) return 'line';
    if (sessions.some(({ upload }) => upload.grantedBytes > 0)) return 'granted';
    if (sessions.some(({ upload }) => upload.interested)) return 'wanted';
    const mine = state.have.bytes;
    const lacks = sessions.some(({ has }) => mine.some((byte, index) => (byte & ~has.bytes[index]!) !== 0));
    return lacks ? 'onItsWay' : 'nothing';
  }

  /** Lines: for each part of the run and all of it, the percentages of the time. */
  report(): string {
    const lines: string[] = [];
    const size = Math.ceil(this.#rows.length / PARTS);
    const parts = Array.from({ length: PARTS }, (_, part) => this.#rows.slice(part * size, (part + 1) * size));
    for (const [kind, names] of [
      ['seeder', UP_STATES],
      ['up', UP_STATES],
      ['down', DOWN_STATES],
    ] as const) {
      lines.push(`${kind}`);
      for (const [name, words] of Object.entries(names)) {
        const cells = [...parts, this.#rows].map((rows) => {
          let all = 0;
          let mine = 0;
          for (const row of rows)
            for (const [other, count] of Object.entries(row[kind])) {
              all += count;
              if (other === name) mine += count;
            }
          return (all === 0 ? '-' : ((100 * mine) / all).toFixed(0)).padStart(4);
        });
        lines.push(`  ${words.padEnd(52)}${cells.join('')}`);
      }
    }
    return lines.join('\n');
  }
}

function downState(peer: SimPeer): DownState {
  if (peer.isReceiving) return 'busy';
  const { state } = peer.transfer;
  if (state.askedBlocks > 0) return 'asked';
  const sessions = [...state.sessions.values()];
  if (sessions.some((session) => session.wanted && !session.choking)) return 'unchoked';
  if (sessions.some((session) => session.wanted)) return 'wanting';
  return 'none';
}
