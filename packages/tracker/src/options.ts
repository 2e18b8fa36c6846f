import type { Limits } from './domain/limits.ts';
import type { CertificateTimes, CreationLimits, PortLimits, PresenceTimes } from './limits.ts';
import type { Cluster } from './replication/cluster.ts';

export interface TrackerOptions {
  readonly dataDir: string;
  /** IP address or name to listen on. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits?: Partial<Limits>;
  readonly presenceTimes?: PresenceTimes;
  readonly certificateTimes?: Partial<CertificateTimes>;
  readonly creationLimits?: Partial<CreationLimits>;
  readonly portLimits?: Partial<PortLimits>;
  /** Left out: it makes accounts for whoever asks. */
  readonly signupOpen?: boolean;
  /** What the data folder may take; the disk is the limit if left out. */
  readonly budgetBytes?: number;
  /** Where metrics are shown to whoever reaches it, in plain HTTP; left out: only to this machine, on the tracker's own port. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** The other trackers of its file; left out: it is alone. */
  readonly cluster?: Cluster;
}
