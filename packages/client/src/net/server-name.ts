import { createHmac } from 'node:crypto';
import { peerNameStatement } from '@peerage/contract/bare';

const DAY_MS = 86_400_000;

/**
 * The server name under which a group's members meet on one day: who does not hold the group's label key learns nothing from it and can't follow a
 * group from one day to the next (security.md, "Group certificates and the peer link").
 */
export function serverNameOf(labelKey: Uint8Array, day: number): string {
  const label = createHmac('sha256', labelKey)
    .update(peerNameStatement(day * DAY_MS))
    .digest('hex')
    .slice(0, 32);
  return `${label}.peer`;
}

export const dayOf = (trackerMs: number): number => Math.floor(trackerMs / DAY_MS);
