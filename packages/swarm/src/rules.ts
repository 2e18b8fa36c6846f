/**
 * The rules of selection and serving, each with a switch. A transfer has them all; the simulator leaves one out to show what it is worth
 * (`npm run sim -- flash-crowd --without grants`).
 */
export interface Rules {
  /** A piece comes from one connection. Without: every connection that serves us fills any open piece. */
  readonly whole: boolean;
  /** Uploads are granted piece by piece. Without: eight are served at once, who waits takes turns of ten seconds. */
  readonly grants: boolean;
  /** What waits in sockets is little, the rest can still be cancelled. Without: 1 MiB a socket. */
  readonly shallow: boolean;
  /** A seeder gives first what nobody else has. Without: it serves as a leecher does, and leechers choose. */
  readonly spread: boolean;
  /** A leecher grants in turns. Without: to anybody who waits. */
  readonly turns: boolean;
  /** Where receivers hold senders back more is granted at once. Without: always for 300 ms. */
  readonly depth: boolean;
  /** Who gives nothing for what it gets comes after others; of a seeder, who was not seen to pass on what it got. */
  readonly credit: boolean;
  /** The last blocks are asked of more than one. */
  readonly endgame: boolean;
  /** What is asked of a peer follows its rate. Without: always 2 MiB. */
  readonly window: boolean;
  /** Who sent wrong data is found and banned. Without: what was wrong is fetched again, from anybody. */
  readonly blame: boolean;
}

export const ALL_RULES: Rules = {
  whole: true,
  grants: true,
  shallow: true,
  spread: true,
  turns: true,
  depth: true,
  credit: true,
  endgame: true,
  window: true,
  blame: true,
};
