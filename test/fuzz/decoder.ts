import type { Random } from '@peerage/swarm';

/** What a decoder did with one input. */
export interface Outcome {
  readonly accepted: boolean;
  /** Which way the input went, without its numbers: an input that goes a new way is mutated further. */
  readonly way: string;
}

/**
 * One decoder under the fuzzer. `check` gives the input to the decoder and to everything that must agree with it (a slow reference, the
 * encoder, other chunkings) and throws where they differ or where the decoder throws anything but its own error.
 */
export interface Decoder {
  readonly name: string;
  /** Valid inputs, made by the encoders: the corpus is written from them. */
  readonly seeds: () => readonly Uint8Array[];
  /** Texts that mean something to this decoder. */
  readonly words: readonly string[];
  /** Changes that keep the input's form, so that it gets past the first check. */
  readonly mutate?: (input: Uint8Array, random: Random) => Uint8Array;
  readonly maxBytes: number;
  /** How long its turns are; longer where a check takes long, so that it sees inputs too. */
  readonly turnMs?: number;
  readonly check: (input: Uint8Array) => Outcome | Promise<Outcome>;
}

/** A decoder that is built at the beginning of a run and ends with it. */
export interface OpenedDecoder extends Decoder {
  /** Lets go of what its inputs made, as it does now and then by itself: what it holds at a chosen moment is no growth. */
  readonly reset?: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

/** The decoder did something that it must not do. */
class Defect extends Error {
  override readonly name = 'Defect';
}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Defect(what);
}

export const accepted = (way = 'accepted'): Outcome => ({ accepted: true, way });

/** Refused with the decoder's own error. */
export const refused = (why: string): Outcome => ({ accepted: false, way: why.replace(/'[^']*'|"[^"]*"|\d+/g, '#') });

/** What the decoder makes of the input, or its own refusal; every other exception goes on to the fuzzer. */
export function attempt<Value>(
  decode: () => Value,
  isOwn: (error: unknown) => boolean,
): { readonly value: Value } | { readonly refusal: Error } {
  try {
    return { value: decode() };
  } catch (error) {
    if (error instanceof Error && isOwn(error)) return { refusal: error };
    throw error;
  }
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A number that is the same for the same input: where checks of one input need choices, a replay makes the same ones. */
export function seedOf(input: Uint8Array): number {
  let seed = 0x811c9dc5;
  for (const byte of input) seed = Math.imul(seed ^ byte, 0x01000193) >>> 0;
  return seed;
}

/** The input cut into chunks at chosen places. */
export function cut(input: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length; ) {
    const bytes = random.chance(0.5) ? 1 + random.below(4) : 1 + random.below(64);
    chunks.push(input.subarray(at, at + bytes));
    at += bytes;
  }
  return chunks;
}

/** Everything in `value` was given just so; `given` may have more keys. */
export function isPartOf(value: unknown, given: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, given);
  if (typeof given !== 'object' || given === null || Array.isArray(value) !== Array.isArray(given)) return false;
  if (Array.isArray(value) && value.length !== (given as unknown[]).length) return false;
  return Object.entries(value).every(([key, item]) =>
    isPartOf(item, (given as Readonly<Record<string, unknown>>)[key]),
  );
}
