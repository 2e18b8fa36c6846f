import type { Entities, Entity, Hlc } from './entities.ts';
import type { Limits } from './limits.ts';

/**
 * A rule decides one command: a generator that yields what it must read, and returns what to write, or throws PeerageError. It does nothing
 * else: the runner (store/runner.ts) reads for it, commits only if nothing that it read has changed, and else runs it again.
 */

/** Who wrote a row and when: (hlc, origin, seq) is a total order over all trackers' writes. */
export interface Stamp {
  readonly hlc: Hlc;
  /** Random id of one run of one tracker; empty for rows that are a tracker's own. */
  readonly origin: string;
  readonly seq: number;
}

/** A row that exists. */
export interface Row<E extends Entity = Entity> {
  readonly entity: E;
  readonly key: string;
  readonly value: Entities[E];
  readonly stamp: Stamp;
}

/** A row to write; null ends it. */
export interface Put<E extends Entity = Entity> {
  readonly entity: E;
  readonly key: string;
  readonly value: Entities[E] | null;
  /** Of an application that another tracker's word changed: what it said before. */
  readonly former?: Entities[E] | null;
}

export type Read =
  | { readonly kind: 'get'; readonly entity: Entity; readonly key: string }
  /** `closed`: what is written depends on there being no other row. */
  | { readonly kind: 'scan'; readonly entity: Entity; readonly prefix: string; readonly closed: boolean }
  | { readonly kind: 'count'; readonly entity: Entity; readonly prefix: string };

export interface Decision<R> {
  readonly puts: readonly Put[];
  readonly result: R;
}

/** Something that reads, and may refuse. */
export type Reading<T> = Generator<Read, T, unknown>;
export type Rule<R> = Reading<Decision<R>>;

export interface Actor {
  readonly uid: string;
  readonly device: string;
}

export interface Context {
  /** Later than every stamp this tracker has seen. */
  readonly now: Hlc;
  readonly limits: Limits;
}

/** A context in which somebody is logged in. */
export interface ActorContext extends Context {
  readonly actor: Actor;
  /** Random, from the client. */
  readonly commandId: string;
  /** Follows from user and command id, so that no user can make another's: the id of what the command makes. */
  readonly effectId: string;
}

export function* get<E extends Entity>(entity: E, key: string): Reading<Row<E> | undefined> {
  return (yield { kind: 'get', entity, key }) as Row<E> | undefined;
}

/** All rows whose key begins with `prefix`, in the order of their keys. */
export function* scan<E extends Entity>(entity: E, prefix: string): Reading<readonly Row<E>[]> {
  return (yield { kind: 'scan', entity, prefix, closed: false }) as readonly Row<E>[];
}

/** As {@link scan}, for a rule that depends on there being no other row: it is decided again when one was added. */
export function* scanClosed<E extends Entity>(entity: E, prefix: string): Reading<readonly Row<E>[]> {
  return (yield { kind: 'scan', entity, prefix, closed: true }) as readonly Row<E>[];
}

export function* count(entity: Entity, prefix: string): Reading<number> {
  return (yield { kind: 'count', entity, prefix }) as number;
}

export const put = <E extends Entity>(entity: E, key: string, value: Entities[E]): Put<E> => ({ entity, key, value });
export const end = <E extends Entity>(entity: E, key: string): Put<E> => ({ entity, key, value: null });
