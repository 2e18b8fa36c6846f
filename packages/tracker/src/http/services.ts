import type { Logger } from 'pino';
import type { Challenges } from '../accounts/challenges.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Signup } from '../accounts/signup.ts';
import type { BlobFiles } from '../blobs/blob-files.ts';
import type { Issuer } from '../certificates/issuer.ts';
import type { Revocations } from '../certificates/revocations.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Readiness } from '../life/readiness.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Presence } from '../presence/presence.ts';
import type { Replication } from '../replication/replication.ts';
import type { DataSpace } from '../space/data-space.ts';
import type { Writer } from '../store/writer.ts';
import type { Creations } from '../throttle/creations.ts';
import type { LoginThrottle } from '../throttle/login-throttle.ts';
import type { Lateness } from './lateness.ts';

/** What the HTTP handlers work with; made and owned by app.ts. */
export interface Services {
  readonly writer: Writer;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly throttle: LoginThrottle;
  readonly creations: Creations;
  readonly signup: Signup;
  readonly challenges: Challenges;
  readonly issuer: Issuer;
  readonly revocations: Revocations;
  readonly blobs: BlobFiles;
  readonly presence: Presence;
  readonly hub: EventHub;
  readonly metrics: Metrics;
  readonly space: DataSpace;
  readonly readiness: Readiness;
  readonly lateness: Lateness;
  readonly nowMs: () => number;
  readonly version: string;
  /** Undefined where tests have no port. */
  readonly replication: Replication | undefined;
  readonly log: Logger;
}
