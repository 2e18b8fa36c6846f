import type { Random } from '@peerage/swarm';
import type { Decoder, Outcome } from './decoder.ts';
import { savedInputs } from './inputs.ts';
import { mutateBytes } from './mutation/bytes.ts';

type PoolDecoder = Pick<Decoder, 'name' | 'words' | 'mutate' | 'maxBytes'>;

const MOST_INPUTS = 400;
const MOST_POOL_BYTES = 4 * 1024 * 1024;

/**
 * The inputs of one decoder that others are made from.
 * Always true: the corpus stays; what went a way that no input went before joins it, as long as there is room.
 */
export class Pool {
  readonly #decoder: PoolDecoder;
  readonly #random: Random;
  readonly #inputs: Uint8Array[];
  readonly #ways = new Set<string>();
  #bytes = 0;
  #replayed = 0;

  constructor(decoder: PoolDecoder, random: Random) {
    this.#decoder = decoder;
    this.#random = random;
    this.#inputs = [...savedInputs('corpus', decoder.name), ...savedInputs('crashes', decoder.name)].map(
      (saved) => saved.bytes,
    );
    if (this.#inputs.length === 0) throw new Error(`no corpus for ${decoder.name}: npm run fuzz -- --corpus writes it`);
  }

  /** What is saved comes first, as it is; then one to eight changes to one of the inputs. */
  next(): Uint8Array {
    if (this.#replayed < this.#inputs.length && this.#ways.size < MOST_INPUTS) return this.#inputs[this.#replayed++]!;
    const { words, mutate, maxBytes } = this.#decoder;
    const random = this.#random;
    let input = random.pick(this.#inputs)!;
    do {
      input =
        mutate !== undefined && random.chance(0.6)
          ? mutate(input, random)
          : mutateBytes(input, random.pick(this.#inputs)!, words, random);
    } while (random.chance(0.4));
    return input.length > maxBytes ? input.subarray(0, maxBytes) : input;
  }

  learn(input: Uint8Array, outcome: Outcome): void {
    if (this.#ways.has(outcome.way) || this.#inputs.length >= MOST_INPUTS || this.#bytes > MOST_POOL_BYTES) return;
    this.#ways.add(outcome.way);
    this.#inputs.push(Uint8Array.from(input));
    this.#bytes += input.length;
  }
}
