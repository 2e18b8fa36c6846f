import type { ErrorCode } from '@peerage/contract';
import type { Limits } from '../domain/limits.ts';
import type { Put } from '../domain/rule.ts';
import type { ClockAgreements } from '../life/clock-guard.ts';
import type { FenceState } from '../life/stall-fence.ts';
import type { ReplicationLog, Written } from '../replication/replication-log.ts';
import type { AnyCaller, Commanding } from './writer.ts';

/** What the main thread and the writer's thread say to each other: lists of these, since what one message costs is much of what a command costs. */

export interface WriterStart {
  readonly databasePath: string;
  /** What the data folder may take; null: the disk is the limit. */
  readonly budgetBytes: number | null;
  readonly limits: Limits;
  /** Of a tracker that has others: its clock is guarded, and what its clients gave up is not done. */
  readonly guards: { readonly clock: ClockAgreements; readonly fence: FenceState } | null;
}

/** An operation and what it is given. */
type Named = readonly [name: string, input: unknown];

export type ToWriter = { readonly id: number } & (
  | { readonly kind: 'run'; readonly name: string; readonly input: unknown; readonly caller: AnyCaller }
  | { readonly kind: 'runThenAsk'; readonly command: Named; readonly question: Named; readonly caller: Commanding }
  | { readonly kind: 'tookEffect'; readonly caller: Commanding }
  | { readonly kind: 'log'; readonly method: keyof ReplicationLog; readonly args: readonly unknown[] }
  | { readonly kind: 'health' }
  | { readonly kind: 'close' }
);

export type WireError = { readonly code: ErrorCode; readonly message: string } | { readonly defect: string };

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: WireError }
  /** Of each commit of a transaction the rows that are heard. */
  | { readonly kind: 'changed'; readonly commits: (readonly Put[])[]; readonly written: Written }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: WireError };

/** What is said at once, and how many commits it may rest on: nothing of it counts before they are on disk. */
export interface Said {
  readonly commits: number;
  readonly messages: readonly FromWriter[];
}
