import { PeerageError } from '@peerage/contract';

/** A tracker that does not know this device's login: it may have missed it, so another one is asked before the person is. */
export class LoginUnknown extends PeerageError {
  constructor(address: string) {
    super('not_logged_in', `the tracker ${address} does not know of your login: login <user_id> <passwd> again`);
  }
}

/** Refusals of a tracker that does not serve at all at the moment, lacks what another one has, or twice got a request too late. */
const doesNotServe = (error: PeerageError): boolean =>
  error.code === 'clock_skew' ||
  error.code === 'from_backup' ||
  error.code === 'tracker_behind' ||
  error.code === 'timeout';

/** Whether the next tracker is asked. A changed key is nobody's answer, and going on to the next tracker would hide it. */
export const goesOn = (error: unknown): error is PeerageError =>
  error instanceof PeerageError &&
  (error.code === 'tracker_unreachable' || doesNotServe(error) || error instanceof LoginUnknown);
