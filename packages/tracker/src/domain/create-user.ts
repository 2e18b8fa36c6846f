import { foldName, PeerageError } from '@peerage/contract';
import { type Creation, keys } from './entities.ts';
import { holderOfName, quoted, requireName } from './names.ts';
import { type Context, get, put, type Reading, type Rule } from './rule.ts';

export interface CreateUser {
  /** Checked against the creation and its signature before. */
  readonly uid: string;
  readonly creation: Creation;
  readonly passwordHash: string;
  readonly epoch: string;
}

/** A user of that very creation exists already: a retry, which changes nothing. Refuses a taken name. */
export function* userCreated({ uid, creation }: Pick<CreateUser, 'uid' | 'creation'>): Reading<boolean> {
  requireName('user', creation.name);
  const known = yield* get('user', uid);
  if (known?.value.creation.name === creation.name) return true;
  if (known || (yield* holderOfName('user', foldName(creation.name))) !== undefined) {
    throw new PeerageError('user_exists', `the user id ${quoted(creation.name)} is taken: choose another one`);
  }
  return false;
}

export function* createUser(command: CreateUser, { now }: Context): Rule<{ uid: string; name: string }> {
  const { uid, creation } = command;
  const result = { uid, name: creation.name };
  if (yield* userCreated(command)) return { puts: [], result };
  return {
    puts: [
      put('user_name', keys.claim(foldName(creation.name), uid), { claimedAt: now, settled: false }),
      put('user', uid, { creation, name: creation.name, renamedAt: 0 }),
      put('credential', uid, { hash: command.passwordHash, epoch: command.epoch, changedAt: 0 }),
    ],
    result,
  };
}
