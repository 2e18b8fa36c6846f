import type { TrackerEvent } from '@peerage/contract';
import type { LostNames } from './library/lost-names.ts';
import type { ClientParts } from './parts.ts';
import type { Session } from './session.ts';

/** What follows from what a tracker tells. */
export function trackerEvents(
  parts: ClientParts & { readonly session: Session; readonly lostNames: LostNames },
): (event: TrackerEvent) => Promise<void> {
  const { engine, certificates, lostNames, peerLists, presence, revocations, session, sharing, tell } = parts;
  return async (event) => {
    switch (event.type) {
      case 'resync':
        presence.changed(); // a tracker that was started anew knows of nobody
        peerLists.refreshAll();
        await sharing.reconcile();
        return lostNames.look();
      case 'peers_changed':
        return peerLists.refresh({ gid: event.group, infoHash: event.infoHash });
      case 'files_changed':
        tell({ type: 'files_changed' });
        return sharing.reconcile();
      case 'join_requested':
        return tell({ type: 'join_requested', group: event.groupName, user: event.user });
      case 'group_activity': {
        const { groupName: group, what, user, file } = event;
        return tell({ type: 'group_activity', group, what, user, ...(file !== undefined && { file }) });
      }
      case 'standing_changed':
        tell({ type: 'standing_changed', group: event.groupName, standing: event.standing });
        if (event.standing === 'left' || event.standing === 'removed') await certificates.left(event.group);
        else certificates.renew();
        return sharing.reconcile();
      case 'names_changed':
        return lostNames.look();
      case 'decided_twice': {
        const message = `${event.user}'s request to join '${event.groupName}' was accepted at one tracker and rejected at another: it counts as rejected`;
        return tell({ type: 'notice', message });
      }
      case 'revocations':
        return revocations.toldByTracker(event.revoked);
      case 'issuers_changed': {
        const retired = event.retired.map((der) => Buffer.from(der, 'base64'));
        await engine.request({ type: 'issuers_retired', retired });
        return certificates.renewWithin(event.withinMs);
      }
      case 'session_ended':
        return session.endedByTracker(event.reason);
    }
  };
}
