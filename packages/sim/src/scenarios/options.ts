import { PLAIN_TRAITS } from '../peer-traits.ts';

/** What every scenario can be told. */
export interface ScenarioOptions {
  readonly peers: number;
  readonly pieces: number;
  readonly seed: number;
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  readonly roundTripMs: number;
  /** What each socket of a crowd takes before anything of it is sent. */
  readonly socketBytes: number;
  /** Of the leechers of a crowd, how many keep asking and never say what they have. */
  readonly silent: number;
}

/** In bytes a second. */
export const MEGABIT = 125_000;

/** 50 Mbit/s each way, 20 ms round trip. */
export const PLAIN_OPTIONS: ScenarioOptions = {
  peers: 9,
  pieces: 128,
  seed: 1,
  upBytesPerSecond: 50 * MEGABIT,
  downBytesPerSecond: 50 * MEGABIT,
  roundTripMs: 20,
  socketBytes: PLAIN_TRAITS.socketBytes,
  silent: 0,
};
