import { createHash } from 'node:crypto';
import { encodeInvitation, type Invitation, PeerageError, parseInvitation } from '@peerage/contract';
import { newCommandId } from '../tracker-link/tracker-link.ts';
import { groupNamed } from './groups.ts';
import type { Client, Handlers } from './handler.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export const invitationCommands: Handlers<'invite' | 'join'> = {
  async invite(client, { group }) {
    client.session.required();
    const { id, name, standing } = await groupNamed(client, group);
    // The tracker words the refusal of who is no member.
    if (standing !== 'owner' && standing !== 'member') await client.link.call('listFiles', { params: { group: id } });
    const trackers = client.knownTrackers();
    return {
      group: name,
      trackers: [...trackers],
      invitation: encodeInvitation({ group: name, gid: id, trackers }, sha256),
    };
  },

  async join(client, { invitation: line }) {
    const invitation = parseInvitation(line, sha256);
    checkTrackers(client, invitation);
    if (client.session.account)
      return { group: invitation.group, asked: true, ...(await askToJoin(client, invitation)) };
    client.library.openInvitation = line;
    return { group: invitation.group, asked: false, settled: false };
  },
};

/** At a login: what an invitation asked for while nobody was logged in. It stays open where no tracker answers. */
export async function followOpenInvitation(client: Client): Promise<void> {
  const line = client.library.openInvitation;
  if (line === undefined) return;
  let told: string;
  try {
    const invitation = parseInvitation(line, sha256);
    await askToJoin(client, invitation);
    told = `asked to join ${invitation.group}, as the invitation said: its owner decides`;
  } catch (error) {
    if (!(error instanceof PeerageError)) throw error;
    if (error.code === 'tracker_unreachable') return; // the next login or start tries again
    told = `the invitation: ${error.message}`;
  }
  client.library.openInvitation = undefined;
  client.tell({ type: 'notice', message: told });
}

/** An invitation never adds a tracker to a client: it has to be for the trackers that this one has (security.md, "Invitations"). */
function checkTrackers(client: Client, invitation: Invitation): void {
  const own = client.knownTrackers();
  for (const { address, pin } of invitation.trackers) {
    const known = own.find((tracker) => tracker.address === address);
    if (pin !== null && known && known.pin !== null && known.pin !== pin) {
      throw new PeerageError(
        'tracker_key_changed',
        `the invitation says that the tracker ${address} has the key sha256:${pin}, this client knows it by sha256:${known.pin}: ask who runs it`,
      );
    }
  }
  const shared = invitation.trackers.some(({ address, pin }) =>
    own.some((tracker) => tracker.address === address || (pin !== null && tracker.pin === pin)),
  );
  if (shared) return;
  const [first] = own;
  throw new PeerageError(
    'usage',
    `the invitation is for other trackers than this client's (${first?.address}): peerage join <invitation> outside this shell makes a home of its own for them`,
  );
}

async function askToJoin(client: Client, { group, gid }: Invitation): Promise<{ settled: boolean }> {
  const found = await groupNamed(client, group);
  if (found.id !== gid) {
    throw new PeerageError(
      'no_such_group',
      `the group '${group}' is another one than the invitation's, which is gone or renamed: ask for a new invitation`,
    );
  }
  return client.link.call('joinGroup', { params: { group: gid }, body: { commandId: newCommandId() } });
}
