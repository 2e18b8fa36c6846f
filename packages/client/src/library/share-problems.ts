import { PeerageError, type Share } from '@peerage/contract';
import type { ShareRow } from './share-rows.ts';

export const problemOf = (code: PeerageError['code']): Exclude<Share['state'], 'offered'> =>
  code === 'path_not_found' ? 'missing' : code === 'file_changed' ? 'changed' : 'unreadable';

/** Who logged out meanwhile shares it again after the next login. */
const forLater = new Set<PeerageError['code']>(['tracker_unreachable', 'tracker_behind', 'not_logged_in']);

export const isForLater = (error: unknown): boolean => error instanceof PeerageError && forLater.has(error.code);

export const removedMeanwhile = ({ name, groupName, path }: ShareRow): string =>
  `'${name}' was removed from '${groupName}' while it was downloaded: it is yours, in '${path}', and this device does not share it`;
