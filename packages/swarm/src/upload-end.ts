import type { PeerSession } from './peer-session.ts';
import { forgetGiven } from './spreading.ts';
import type { TransferState } from './transfer-state.ts';

/** The connection is gone: what it was getting is on its way no more. */
export function endServing(state: TransferState, session: PeerSession): void {
  state.uplink.lost(session.upload.handedBytes);
  forgetGiven(state, session);
  state.line.delete(session);
  state.rechoke = true;
}
