import { effectId } from '../accounts/device-keys.ts';
import { hlcTimeMs } from '../domain/entities.ts';
import type { Limits } from '../domain/limits.ts';
import { type CommandTag, earlierResult, once } from '../domain/once.ts';
import {
  type OperationInput,
  type OperationName,
  type OperationResult,
  trackerCommands,
  trackerQueries,
  userCommands,
  userQueries,
} from '../domain/operations.ts';
import type { Actor, ActorContext, Context, Put, Reading, Rule } from '../domain/rule.ts';
import type { ClockGuard } from '../life/clock-guard.ts';
import type { Arrival, StallFence } from '../life/stall-fence.ts';
import type { ReplicationLog, Written } from '../replication/replication-log.ts';
import type { ReplicatedStore } from './replicated-store.ts';
import { readFor, runRule } from './runner.ts';
import { storeLog } from './store-log.ts';

/** For whom an operation runs. */
export interface Asking {
  readonly actor: Actor;
}

/** Whose command runs, and what makes it one effect. */
export interface Commanding extends Asking {
  readonly command: { readonly id: string; readonly tag: CommandTag };
  /** When it came; undefined where nobody would go to another tracker. */
  readonly arrival?: Arrival | undefined;
}

type CallerOf<K extends OperationName> = K extends keyof typeof userCommands
  ? [caller: Commanding]
  : K extends keyof typeof userQueries
    ? [caller: Asking]
    : [];

/** The one place where commands are decided and rows are written and read. Plain data in and out. */
export interface Writer {
  run<K extends OperationName>(name: K, input: OperationInput<K>, ...caller: CallerOf<K>): Promise<OperationResult<K>>;
  /** A user's command and, once it took effect, what he is to be told of it: one way to the writer's thread and back. */
  runThenAsk<K extends keyof typeof userCommands, Q extends keyof typeof userQueries>(
    command: readonly [name: K, input: OperationInput<K>],
    question: readonly [name: Q, input: OperationInput<Q>],
    caller: Commanding,
  ): Promise<OperationResult<Q>>;
  /** Whether a user's command took effect before, under the same command id. */
  tookEffect(caller: Commanding): Promise<boolean>;
  /** Tells rows that changed, before the command that changed them is answered, and how far this tracker's own writing is on disk. */
  watch(listener: (puts: readonly Put[], written: Written) => void): () => void;
  readonly log: ReplicationLog;
  health(): Promise<boolean>;
  close(): Promise<void>;
}

export type AnyCaller = Partial<Commanding>;

type AnyRule = (input: unknown, context: Context) => Rule<unknown>;
type AnyReading = (input: unknown, context: Context) => Reading<unknown>;
type AnyTable<F> = Readonly<Record<string, F>>;

const rules = { ...trackerCommands, ...userCommands } as unknown as AnyTable<AnyRule>;
const readings = { ...trackerQueries, ...userQueries } as unknown as AnyTable<AnyReading>;

/** What keeps the writer of a tracker that has others from deciding: the time is in doubt (`clock_skew`), or the command waited too long (`timeout`). */
export interface WriterGuards {
  readonly clock?: ClockGuard;
  readonly fence?: StallFence;
}

/** A writer over a store in the same thread. */
export function createWriter(store: ReplicatedStore, limits: Limits, { clock, fence }: WriterGuards = {}): Writer {
  const contextFor = (now: number, { actor, command }: AnyCaller): Context => {
    if (!actor) return { now, limits };
    const commandId = command?.id ?? '';
    const context: ActorContext = {
      now,
      limits,
      actor,
      commandId,
      get effectId() {
        return effectId(actor.uid, commandId); // few commands make something
      },
    };
    return context;
  };

  async function run(name: string, input: unknown, caller: AnyCaller = {}): Promise<unknown> {
    const reading = readings[name];
    if (reading) return readFor(store, reading(input, contextFor(store.now(), caller)));
    const rule = rules[name];
    if (!rule) throw new Error(`no operation ${name}`);
    return runRule(store, (now) => {
      clock?.require(hlcTimeMs(now));
      if (caller.arrival) fence?.require(caller.arrival);
      const context = contextFor(now, caller);
      const decided = rule(input, context);
      return caller.command ? once(caller.command.tag, context as ActorContext, decided) : decided;
    });
  }

  const { log, written, end } = storeLog(store, () => clock?.nowMs() ?? Date.now());
  return {
    run: run as Writer['run'],
    async runThenAsk(command, question, caller) {
      await run(...command, caller);
      return run(...question, caller) as never;
    },
    async tookEffect(caller) {
      const context = contextFor(store.now(), caller) as ActorContext;
      return (await readFor(store, earlierResult(caller.command.tag, context))) !== undefined;
    },
    watch: (listener) => store.watch((puts) => listener(puts, written())),
    log,
    health: () => store.health(),
    close() {
      end();
      return store.close();
    },
  };
}
