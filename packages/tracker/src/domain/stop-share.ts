import { PeerageError } from '@peerage/contract';
import { endIntents } from './end-intents.ts';
import { keys } from './entities.ts';
import { quoted } from './names.ts';
import { type ActorContext, get, type Rule } from './rule.ts';
import { requireMember } from './standing.ts';

/** Turns this device's intent to share off. */
export function* stopShare(command: { gid: string; infoHash: string }, context: ActorContext): Rule<object> {
  const { gid, infoHash } = command;
  const { uid, device } = context.actor;
  const group = yield* requireMember(gid, context);
  if (!(yield* get('intent', keys.intent(gid, infoHash, uid, device)))) {
    throw new PeerageError('no_such_file', `this device does not share that file in ${quoted(group.name)}`);
  }
  return { puts: endIntents([{ gid, infoHash, uid, device }]), result: {} };
}
