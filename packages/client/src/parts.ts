import type { ControlEvent } from '@peerage/contract';
import type { Activity } from './control/activity/activity.ts';
import type { Traffic } from './control/traffic.ts';
import type { VerifyProgress } from './control/verify-progress.ts';
import type { EngineThread } from './engine/engine-thread.ts';
import type { Certificates } from './library/certificates.ts';
import type { Fetching } from './library/fetching.ts';
import type { Library } from './library/library.ts';
import type { ClientLimits } from './library/limits.ts';
import type { PeerLists } from './library/peer-lists.ts';
import type { Revocations } from './library/revocations.ts';
import type { Sharing } from './library/sharing.ts';
import type { TransferTurns } from './library/transfer-turns.ts';
import type { Presence } from './tracker-link/presence.ts';
import type { TrackerLink } from './tracker-link/tracker-link.ts';

/** What a running client is made of; app.ts puts it together. */
export interface ClientParts {
  readonly library: Library;
  readonly engine: EngineThread;
  readonly link: TrackerLink;
  readonly presence: Presence;
  readonly certificates: Certificates;
  readonly revocations: Revocations;
  readonly peerLists: PeerLists;
  readonly sharing: Sharing;
  readonly fetching: Fetching;
  readonly limits: ClientLimits;
  readonly turns: TransferTurns;
  readonly traffic: Traffic;
  readonly activity: Activity;
  readonly verifyProgress: VerifyProgress;
  /** Whether a member connected to this client since it started. */
  readonly reachability: { reached: boolean };
  readonly tell: (event: ControlEvent) => void;
}
