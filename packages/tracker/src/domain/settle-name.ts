import { foldName } from '@peerage/contract';
import { keys } from './entities.ts';
import { conflictName, holderOfName } from './names.ts';
import { type Context, get, put, type Rule } from './rule.ts';

export interface SettleName {
  readonly kind: 'user' | 'group';
  readonly id: string;
  /** Every listed tracker knows of the claim, and this one of all that they knew by then. */
  readonly settled: boolean;
}

/** Looks who has the name that was just claimed. A claim that is settled and best is marked so: none that was not settled ever wins against it. */
export function* settleName(command: SettleName, _context: Context): Rule<{ shown: string; lost: boolean }> {
  const { kind, id, settled } = command;
  const named = yield* get(kind, id);
  if (!named) return { puts: [], result: { shown: '', lost: false } };
  const { name } = named.value;
  const holder = yield* holderOfName(kind, foldName(name));
  if (holder !== undefined && holder !== id) {
    return { puts: [], result: { shown: conflictName(name, id), lost: true } };
  }
  const entity = kind === 'user' ? 'user_name' : 'group_name';
  const claim = yield* get(entity, keys.claim(foldName(name), id));
  const result = { shown: name, lost: false };
  if (!settled || !claim || claim.value.settled) return { puts: [], result };
  return { puts: [put(entity, claim.key, { ...claim.value, settled: true })], result };
}
