import { revokingLogins } from './revoke.ts';
import { type Context, count, type Put, put, type Reading, type Rule, scan } from './rule.ts';

/** What may have happened after a backup was made, and is undone where the backup goes on alone. */
export interface PossibleLoss {
  /** Any of these may have changed the password or lost a device. */
  readonly users: number;
  /** Any of these may have left or been removed. */
  readonly members: number;
  /** Any of these files may have been removed. */
  readonly files: number;
}

export function* lossIfAccepted(_query: object, _context: Context): Reading<PossibleLoss> {
  const members = (yield* scan('membership_of_user', '')).filter((row) => row.value.state === 'member');
  return { users: yield* count('credential', ''), members: members.length, files: yield* count('content', '') };
}

/** A backup goes on without what came after it: all login epochs rise, so that every device has to give the password, and no login of before counts. */
export function* acceptLoss({ epoch }: { epoch: string }, context: Context): Rule<{ users: number }> {
  const puts: Put[] = [];
  const credentials = yield* scan('credential', '');
  for (const row of credentials) {
    puts.push(
      put('credential', row.key, { ...row.value, epoch, changedAt: context.now }),
      ...(yield* revokingLogins(row.key, null, context)),
    );
  }
  return { puts, result: { users: credentials.length } };
}
