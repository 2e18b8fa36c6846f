import { PeerageError } from '@peerage/contract';
import { keys } from './entities.ts';
import { type ActorContext, get, put, type Reading, type Rule } from './rule.ts';

/** What binds a command id: the same id with anything else in here is another command, and refused. */
export interface CommandTag {
  readonly route: string;
  /** SHA-256 of params and body, passwords left out. */
  readonly bodyHash: string;
}

/** The answer that this command got before, if it took effect before. */
export function* earlierResult(
  tag: CommandTag,
  { actor, commandId }: ActorContext,
): Reading<{ result: unknown } | undefined> {
  const done = yield* get('command', keys.command(actor.uid, commandId));
  if (!done) return undefined;
  if (done.value.route === tag.route && done.value.bodyHash === tag.bodyHash) return { result: done.value.result };
  throw new PeerageError(
    'protocol',
    'that command id was used for another command before: make a new one for each command',
  );
}

/** Runs a rule with one effect for one command id, however often the command is sent. */
export function* once<R>(tag: CommandTag, context: ActorContext, rule: Rule<R>): Rule<R> {
  const earlier = yield* earlierResult(tag, context);
  if (earlier) return { puts: [], result: earlier.result as R };
  const { puts, result } = yield* rule;
  const key = keys.command(context.actor.uid, context.commandId);
  return { puts: [...puts, put('command', key, { ...tag, result, at: context.now })], result };
}
