import type { Geometry, InfoHash, WireSink } from '@peerage/bittorrent';
import type { PeerConnection } from './peer-connection.ts';

/** What the share that a connection belongs to does with what arrives. */
export interface ConnectionSink extends WireSink {
  /** Both sides take requests for whole pieces. */
  wholePieces(): void;
  /** The connection ended; nothing comes after it. */
  left(): void;
}

/** One share as connections see it. */
export interface SwarmSeat {
  readonly infoHash: InfoHash;
  /** Whose share it is. */
  readonly group: string;
  readonly geometry: Geometry;
  /** Both handshakes are done and the member is known. A string refuses the connection and says why. */
  join(connection: PeerConnection): ConnectionSink | string;
}
