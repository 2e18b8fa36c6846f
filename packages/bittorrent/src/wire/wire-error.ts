/** Why bytes of a peer are refused. The connection that sent them is closed (docs/spec/peer-wire.md, "Refusals"). */
export type WireReason =
  | 'bad_protocol'
  | 'bad_length'
  | 'too_long'
  | 'bad_piece'
  | 'bad_block'
  | 'bad_bitfield'
  | 'fast_not_negotiated'
  | 'extension_not_negotiated'
  | 'bad_extension_handshake';

export class WireError extends Error {
  readonly reason: WireReason;

  constructor(reason: WireReason, message: string) {
    super(message);
    this.name = 'WireError';
    this.reason = reason;
  }
}
