import { PeerageError } from '@peerage/contract';
import { endIntents, intentOf } from './end-intents.ts';
import { requireFile } from './list-files.ts';
import { quoted } from './names.ts';
import { type ActorContext, type Rule, scan } from './rule.ts';
import { requireMember } from './standing.ts';

/** Ends an entry for all: the group's owner or the first sharer may. */
export function* removeFile(command: { gid: string; name: string }, context: ActorContext): Rule<object> {
  const { gid, name } = command;
  const { uid } = context.actor;
  const group = yield* requireMember(gid, context);
  const content = yield* requireFile(group, name);
  if (group.ownerUid !== uid && content.value.by !== uid) {
    throw new PeerageError(
      'not_owner',
      `only the owner of ${quoted(group.name)} or who shared ${quoted(name)} first may remove it`,
    );
  }
  const intents = yield* scan('intent', `${content.key}/`);
  return { puts: endIntents(intents.map((intent) => intentOf(intent.key))), result: {} };
}
