import type { Memberships } from './memberships.ts';
import type { RefusedConnection } from './mutual-tls.ts';
import type { Transport } from './transport.ts';

/** How an engine reaches peers. */
export interface Links {
  readonly transport: Transport;
  /** Whose certificates count there; undefined where nobody shows one. */
  readonly memberships: Memberships | undefined;
  close(): void;
}

export type MakeLinks = (onRefused: (refused: RefusedConnection) => void) => Links;
