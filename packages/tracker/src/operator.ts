import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import type { Restored } from './backup/restored.ts';
import type { Services } from './http/services.ts';
import type { ReplicationStatus } from './replication/status.ts';

export interface TrackerFigures {
  readonly users: number;
  readonly groups: number;
  readonly files: number;
  readonly onlineDevices: number;
  readonly openStreams: number;
  readonly canWrite: boolean;
  /** Why it does not serve; empty: it does. */
  readonly held: readonly string[];
  /** Undefined where it replicates with nobody. */
  readonly replication: ReplicationStatus | undefined;
  /** Users and groups that lost their name to the other side of a cut, as they are shown. */
  readonly conflicts: readonly string[];
  readonly signupOpen: boolean;
}

/** What the person may do who runs the tracker. */
export interface Operator {
  figures(): Promise<TrackerFigures>;
  /** Gives a user a new password, which it returns; every device has to log in with it. Throws `no_such_user`. */
  resetPassword(user: string): Promise<string>;
  /** What is lost if a tracker that was started from a backup goes on alone, in words. Throws `usage` where it was not. */
  possibleLoss(): Promise<string[]>;
  /** Accepts that loss; resolves to how many users have to give their password again. */
  acceptLoss(): Promise<number>;
  /** Says that this machine's clock is right. */
  acceptClock(): void;
  /** Puts all issuers of a tracker out for ever; how many they are. Throws `usage` where it has published none. */
  retireIssuers(tracker: number): Promise<number>;
  /** Makes the next issuer of this tracker; when it will be used, null: now. */
  rotateIssuer(): Promise<number | null>;
  /** Makes a new key for this tracker's port, signed by the present one, and shows it; resolves to its pin. */
  rotateKey(): Promise<string>;
  /** Whether whoever asks gets an account, until the tracker ends. */
  setSignup(open: boolean): void;
}

export interface OperatorParts {
  readonly restored: Restored;
  readonly replication: (() => ReplicationStatus) | undefined;
  readonly acceptClock: () => void;
  readonly rotateKey: () => Promise<string>;
}

export function operatorOf(
  { writer, presence, hub, passwords, readiness, signup, issuer, nowMs }: Services,
  { restored, replication, acceptClock, rotateKey }: OperatorParts,
): Operator {
  return {
    async figures() {
      const totals = await writer.run('totals', {});
      const { users, groups } = await writer.run('conflicts', {});
      return {
        ...totals,
        onlineDevices: presence.onlineDevices,
        openStreams: hub.openStreams,
        canWrite: await writer.health(),
        held: readiness.reasons.map(({ message }) => message),
        replication: replication?.(),
        conflicts: [...users, ...groups],
        signupOpen: signup.open,
      };
    },
    async retireIssuers(tracker) {
      return (await writer.run('retireIssuers', { tracker })).retired;
    },
    rotateIssuer: () => issuer.rotate(nowMs()),
    rotateKey,
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
    async possibleLoss() {
      const { mark, users, members, files } = await restored.loss();
      const since = new Date(mark.madeAtMs).toISOString().slice(0, 16).replace('T', ' ');
      return [
        `what happened after ${since} UTC is undone:`,
        `removals and leavings: ${members} memberships are in force again`,
        `new passwords, logouts and revoked devices: those of ${users} users`,
        `files that ended, or came: ${files} files are listed as they were`,
        'accounts, groups and requests that came since are gone',
        'all users have to give their password again; a password that was changed since is the earlier one',
      ];
    },
    acceptLoss: () => restored.acceptLoss(),
    acceptClock,
  };
}
