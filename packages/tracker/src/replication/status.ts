/** How replication stands, for the console, metrics and `trackers`. */
export interface ReplicationStatus {
  readonly number: number;
  readonly peers: readonly PeerStatus[];
  /** Whether, since this tracker started, it held all that one listed tracker had. True where no other is listed. */
  readonly caughtUpOnce: boolean;
}

export interface PeerStatus {
  readonly number: number;
  /** `following`: it has asked lately. `unreachable`: it does not answer. `refused`: it answers, but not with what is allowed (`reason`). */
  readonly state: 'following' | 'unreachable' | 'refused';
  /** A sentence, where there is something to say. */
  readonly reason: string | undefined;
  /** Ops that are held here and that it has not acknowledged. */
  readonly unacknowledgedOps: number;
  /** Ops it has that are not here yet, as far as it told. */
  readonly missingOps: number;
  /** For how long it has not had all that is here, in ms; 0 when it has. */
  readonly lagMs: number;
}
