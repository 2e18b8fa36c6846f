import { handOverLimits } from '../../../packages/contract/src/certificates/key-hand-over.ts';
import { invitationLimits } from '../../../packages/contract/src/invitation.ts';
import { trackerListLimits } from '../../../packages/contract/src/tracker-list.ts';
import { section } from './section.ts';

/** Sections of what trackers and clients bound alike. */
export const limitsOfBoth = (): string[] => [
  section("A tracker's new key", 'packages/contract/src/certificates/key-hand-over.ts', handOverLimits, {
    countsMs: ['a hand-over counts for', '`tracker_key_changed`'],
    inCertificate: ['hand-overs that a certificate carries', 'the latest are'],
  }),
  section('Invitations', 'packages/contract/src/invitation.ts', invitationLimits, {
    characters: ['characters', '`limit` where one is made, `usage` where one is read'],
  }),
  section('Tracker files', 'packages/contract/src/tracker-list.ts', trackerListLimits, {
    fileCharacters: ['characters', '`usage`'],
    trackers: ['trackers', '`usage`'],
  }),
];
