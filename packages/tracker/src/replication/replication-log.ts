import type { Vector } from './op.ts';

/** What a snapshot's page is merged under. */
export interface PagePlace {
  readonly after: { readonly entity: string; readonly key: string } | null;
  readonly vector: Vector;
  readonly replaces: boolean;
}

export interface MergedBody {
  readonly vector: Vector;
  readonly ahead: number;
  readonly foreign: number;
}

export interface MergedPage extends MergedBody {
  /** Where the next page begins; null after the last one. */
  readonly next: { readonly entity: string; readonly key: string } | null;
}

/** What replication asks of the thread that has the store. Bodies cross as bytes: they are made and read there. */
export interface ReplicationLog {
  begin(): Promise<{
    readonly node: string;
    readonly origin: string;
    readonly vector: Vector;
    readonly nodes: readonly { readonly node: string; readonly number: number }[];
  }>;
  /** The answer to a pull: what that vector lacks, or that it has to take a snapshot. */
  answer(vector: Vector, replaces: boolean): Promise<Uint8Array>;
  /** A page of a snapshot. */
  rows(after: PagePlace['after']): Promise<Uint8Array>;
  /** Merges what an answer carries. */
  merge(carried: Uint8Array): Promise<MergedBody>;
  mergePage(carried: Uint8Array, place: PagePlace): Promise<MergedPage>;
  truncate(upTo: Vector, mostOps: number): Promise<void>;
  /** Collects what was made `keepMs` ago. */
  collect(upTo: Vector, keepMs: number): Promise<void>;
  /** Whether what is written from now on is told with its ops, since somebody follows. */
  follow(isFollowed: boolean): Promise<void>;
  remember(nodes: readonly { readonly node: string; readonly number: number }[]): Promise<void>;
}

/** What a tracker's own writing has come to. */
export interface Written {
  readonly origin: string;
  readonly seq: number;
  /** Where somebody follows, the ops behind `after` up to `seq`, as an answer to a pull carries them. */
  readonly carried?: { readonly after: number; readonly text: string };
}
