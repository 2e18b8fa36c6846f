/**
 * How bytes get from one client to another. The engine knows nothing below this port: plain TCP and mutual TLS are two
 * implementations of it.
 */
export interface NetAddress {
  readonly host: string;
  readonly port: number;
}

/** Who is on the other side. */
export interface Member {
  /** Device id, 32 hex digits. */
  readonly device: string;
  readonly user: string;
}

/** A member whose membership of that group the transport itself proved. */
export interface ProvenMember extends Member {
  readonly group: string;
}

/** Whom a dialer means. */
export interface DialPurpose {
  readonly group: string;
  readonly device: string;
}

export interface ConnectionHandlers {
  /** Bytes in order as they came. The chunk is only valid during the call: its memory is reused for the next one. */
  onData(chunk: Uint8Array): void;
  /** Once, however it ended. Every `onSent` still waiting is called too: by then the transport holds no buffer of ours. */
  onClose(error: Error | undefined): void;
}

export interface ByteConnection {
  readonly remote: NetAddress;
  /** Undefined where the transport proves nothing (plain TCP): then the claim in the extension handshake is all there is. */
  readonly member: ProvenMember | undefined;
  /** Whoever says no device may stay all the same, known by his peer id: a stock client in a group opened to them. Never where the transport proves something. */
  readonly takesStrangers?: true;
  /** When it will end by itself, and when whoever dialed it should make the next one; by the monotonic clock. Infinity: never. */
  readonly endsAtMs: number;
  readonly renewAtMs: number;
  /** Bytes written that the operating system has not taken yet. */
  readonly queuedBytes: number;
  /** To be called in the turn in which the connection was handed out; before it, nothing is read. */
  start(handlers: ConnectionHandlers): void;
  /** `bytes` must not change until `onSent` (called in any case, also when the connection breaks). */
  write(bytes: Uint8Array, onSent?: () => void): void;
  /** Nothing more is read until `resume`: what comes waits at the other side. */
  pause(): void;
  resume(): void;
  /** At once, dropping what is queued. Safe to call twice. */
  close(): void;
}

export interface TransportListener {
  readonly address: NetAddress;
  /** Accepts no more; accepted connections live on. */
  close(): Promise<void>;
}

export interface Transport {
  /** Rejects with the system's error (`code` EADDRINUSE and so on). */
  listen(host: string, port: number, onConnection: (connection: ByteConnection) => void): Promise<TransportListener>;
  /** A connection for that group can be made and accepted now. */
  reaches(group: string): boolean;
  /** Rejects with the system's error, with the signal's reason, or with Refusal where somebody else answers than was meant. */
  dial(address: NetAddress, purpose: DialPurpose, signal: AbortSignal): Promise<ByteConnection>;
}
