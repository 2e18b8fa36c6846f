import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { passwordLimits } from '../limits.ts';
import { FairQueue, type QueuedWork } from '../throttle/fair-queue.ts';

const MEMORY_KIB = passwordLimits.hashMemoryBytes / 1024;
const PASSES = passwordLimits.hashPasses;
const HASH = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w-]+)\$([\w-]+)$/;

/** argon2id with a bound on memory and on waiting: at most 2 hashes at once, 64 callers wait in a fair queue; more are refused with `throttled`. */
export class Passwords {
  readonly #queue = new FairQueue(passwordLimits.hashesAtOnce, passwordLimits.hashesWaiting);
  #hashes = 0;
  /** Compared with where there is no such user, so that the answer takes as long. */
  readonly #nobody =
    `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${randomBytes(16).toString('base64url')}$${randomBytes(32).toString('base64url')}`;

  /** Hashes made so far. */
  get hashes(): number {
    return this.#hashes;
  }

  async hash(password: string, lane: QueuedWork): Promise<string> {
    const salt = randomBytes(16);
    const key = await this.#queue.run(lane, () => this.#derive(password, salt, MEMORY_KIB, PASSES));
    return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${salt.toString('base64url')}$${key.toString('base64url')}`;
  }

  /** Whether the password fits; always false, after the same work, where there is no stored hash. */
  async verify(password: string, stored: string | undefined, lane: QueuedWork): Promise<boolean> {
    const [, memory, passes, salt = '', expected = ''] = HASH.exec(stored ?? this.#nobody) ?? [];
    if (memory === undefined) throw new Error('a stored password hash has an unknown form');
    const nonce = Buffer.from(salt, 'base64url');
    const key = await this.#queue.run(lane, () => this.#derive(password, nonce, Number(memory), Number(passes)));
    return timingSafeEqual(key, Buffer.from(expected, 'base64url')) && stored !== undefined;
  }

  #derive(password: string, nonce: Buffer, memory: number, passes: number): Promise<Buffer> {
    this.#hashes++;
    return new Promise((resolve, reject) => {
      const parameters = {
        message: Buffer.from(password.normalize('NFC')),
        nonce,
        parallelism: 1,
        tagLength: 32,
        memory,
        passes,
      };
      argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key)));
    });
  }
}
