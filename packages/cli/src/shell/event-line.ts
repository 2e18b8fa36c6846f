import type { ControlEvent } from '@peerage/contract';
import { downloadLine } from '../render/download-line.ts';
import type { Look } from '../render/look.ts';
import { quote } from '../words/quote.ts';

/** The line that a person sees of an event, or null where it only moves numbers. Strings of `event` are cleaned already. */
export function eventLine(event: ControlEvent, look: Look): string | null {
  switch (event.type) {
    case 'download_completed':
      return `${downloadLine(event.download, look)} -> ${event.download.destination}`;
    case 'download_failed':
      return downloadLine(event.download, look);
    case 'join_requested':
      return `${event.user} asks to join ${event.group}: accept_request ${quote(event.group)} ${quote(event.user)}`;
    case 'standing_changed':
      return standingLine(event.group, event.standing);
    case 'share_problem':
      return `not shared: [${event.group}] ${event.file}: ${event.message}`;
    case 'peer_banned':
    case 'tracker_changed':
    case 'notice':
      return event.message;
    case 'download_changed':
    case 'downloads_moved':
    case 'share_moved':
    case 'download_removed':
    case 'user_changed':
    case 'rates_changed':
    case 'limits_changed':
    case 'reached':
    case 'files_changed':
    case 'group_activity':
    case 'activity_changed':
    case 'resync':
      return null;
  }
}

/** What others decided; what the person did (asked, left) was answered already. */
function standingLine(group: string, standing: string): string | null {
  switch (standing) {
    case 'owner':
      return `you own ${group} now`;
    case 'member':
      return `you are a member of ${group} now`;
    case 'rejected':
      return `your request to join ${group} was turned down`;
    case 'removed':
      return `you are no member of ${group} any more`;
    default:
      return null;
  }
}
