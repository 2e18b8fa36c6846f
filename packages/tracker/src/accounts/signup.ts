import { PeerageError } from '@peerage/contract';

/** Whether this tracker makes accounts for whoever asks; its operator says so at the start and at the console. */
export class Signup {
  open: boolean;

  constructor(open: boolean) {
    this.open = open;
  }

  /** Refuses with `signup_closed`. */
  require(): void {
    if (this.open) return;
    throw new PeerageError('signup_closed', 'this tracker makes no new accounts: ask who runs it to open sign-up');
  }
}
