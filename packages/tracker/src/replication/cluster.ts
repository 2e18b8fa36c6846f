/** The trackers of one tracker file, and what proves that they belong together. */
export interface Cluster {
  /** This tracker's place in the file, from 1. */
  readonly number: number;
  /** All trackers of the file in its order, this one among them. */
  readonly trackers: readonly { readonly host: string; readonly port: number }[];
  /** The first proves what this tracker says; all are accepted (two while a secret is exchanged). Empty: nothing is replicated. */
  readonly secrets: readonly ClusterSecret[];
}

export interface ClusterSecret {
  /** 16 hex digits; not secret. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}
