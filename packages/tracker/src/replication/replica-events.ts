import type { Vector } from './op.ts';

/** What can happen to a replica. */
export type ReplicaEvent =
  /** This tracker's log holds an origin's ops up to `seq`, on disk: it wrote or merged them. */
  | { readonly kind: 'held'; readonly origin: string; readonly seq: number }
  /** Another tracker asks for what its vector lacks, and so says what it holds. */
  | ({ readonly kind: 'asked'; readonly id: number; readonly from: number; readonly waitMs: number } & Told)
  /** Who asked is gone. */
  | { readonly kind: 'gone'; readonly id: number }
  /** A pull was answered. */
  | ({
      readonly kind: 'answered';
      readonly from: number;
      readonly answer: 'ops' | 'snapshot';
      readonly replaces: boolean;
    } & Told)
  /** What was answered is merged, and on disk; `ahead`: ops that were refused since their clock is ahead. */
  | { readonly kind: 'merged'; readonly from: number; readonly vector: Vector; readonly ahead: number }
  | {
      readonly kind: 'failed';
      readonly from: number;
      readonly state: 'unreachable' | 'refused';
      readonly reason: string;
    }
  /** Somebody wants to know whether every listed tracker has what this one wrote. */
  | { readonly kind: 'settle'; readonly id: number; readonly origin: string; readonly seq: number }
  /** The time that `wakeAtMs` named has come. */
  | { readonly kind: 'tick' };

/** What a tracker tells of itself with each pull and each answer. */
export interface Told {
  /** Its data. */
  readonly node: string;
  /** Its present run's ops. */
  readonly origin: string;
  readonly vector: Vector;
}

/** What a replica wants done. */
export type ReplicaEffect =
  | { readonly kind: 'pull'; readonly to: number; readonly vector: Vector; readonly waitMs: number }
  /** Merge the answer that came from that tracker; then `merged`, or `failed`. */
  | { readonly kind: 'merge'; readonly from: number }
  /** Fetch and merge a whole snapshot that covers `vector`; then `merged`, or `failed`. */
  | { readonly kind: 'snapshot'; readonly from: number; readonly vector: Vector; readonly replaces: boolean }
  /** Answer who asked with what `vector` lacks (maybe nothing), or tell it to take a snapshot in place of what it holds. */
  | { readonly kind: 'answer'; readonly id: number; readonly vector: Vector; readonly replaces: boolean }
  | { readonly kind: 'settled'; readonly id: number; readonly settled: boolean }
  | { readonly kind: 'truncate'; readonly upTo: Vector }
  | { readonly kind: 'collect'; readonly upTo: Vector }
  | { readonly kind: 'remember'; readonly nodes: readonly { readonly node: string; readonly number: number }[] };
