import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import type { Services } from './http/services.ts';

export interface TrackerFigures {
  readonly users: number;
  readonly groups: number;
  readonly files: number;
  readonly onlineDevices: number;
  readonly openStreams: number;
  readonly canWrite: boolean;
  readonly signupOpen: boolean;
}

/** What the person may do who runs the tracker. */
export interface Operator {
  figures(): Promise<TrackerFigures>;
  /** Gives a user a new password, which it returns; every device has to log in with it. Throws `no_such_user`. */
  resetPassword(user: string): Promise<string>;
  /** Whether whoever asks gets an account, until the tracker ends. */
  setSignup(open: boolean): void;
}

export function operatorOf({ writer, presence, hub, passwords, signup }: Services): Operator {
  return {
    async figures() {
      const totals = await writer.run('totals', {});
      const canWrite = await writer.health();
      return {
        ...totals,
        onlineDevices: presence.onlineDevices,
        openStreams: hub.openStreams,
        canWrite,
        signupOpen: signup.open,
      };
    },
    setSignup(open) {
      signup.open = open;
    },

    async resetPassword(user) {
      const credential = await writer.run('credentialOf', { name: user });
      if (!credential) throw new PeerageError('no_such_user', `there is no user '${user}'`);
      const password = randomBytes(12).toString('base64url');
      const nextHash = await passwords.hash(password, { block: 'operator', account: credential.uid, isKnown: true });
      await writer.run('resetPassword', { uid: credential.uid, nextHash, epoch: randomBytes(16).toString('hex') });
      return password;
    },
  };
}
