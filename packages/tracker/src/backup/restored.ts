import { randomBytes } from 'node:crypto';
import { PeerageError } from '@peerage/contract';
import type { PossibleLoss } from '../domain/accept-loss.ts';
import type { Services } from '../http/services.ts';
import type { ReplicationStatus } from '../replication/status.ts';
import { type BackupMark, heldByBackup, readMark, removeMark } from './mark.ts';

const NAME = 'backup';

/**
 * A tracker on a data folder that was made of a backup. Always true: while the mark is there, no client is served, so no session is opened and no certificate issued; it goes when
 * everything of one other tracker is here, or when the operator accepts that what came after the backup is lost.
 */
export class Restored {
  readonly #dataDir: string;
  readonly #services: Services;
  #mark: BackupMark | undefined;

  constructor(dataDir: string, services: Services) {
    this.#dataDir = dataDir;
    this.#services = services;
    this.#mark = readMark(dataDir);
    if (this.#mark) services.readiness.hold(NAME, heldByBackup(this.#mark));
  }

  /** Asked every now and then. */
  look(status: ReplicationStatus | undefined): void {
    if (this.#mark && status && status.peers.length > 0 && status.caughtUpOnce)
      this.#release('it has read from another');
  }

  async loss(): Promise<PossibleLoss & { readonly mark: BackupMark }> {
    const mark = this.#required();
    return { mark, ...(await this.#services.writer.run('lossIfAccepted', {})) };
  }

  /** Resolves to how many users have to give their password again. */
  async acceptLoss(): Promise<number> {
    this.#required();
    const { users } = await this.#services.writer.run('acceptLoss', { epoch: randomBytes(16).toString('hex') });
    this.#release('the operator accepted the loss');
    return users;
  }

  #required(): BackupMark {
    if (this.#mark) return this.#mark;
    throw new PeerageError('usage', 'nothing is to be accepted: this tracker was not started from a backup');
  }

  #release(why: string): void {
    removeMark(this.#dataDir);
    this.#mark = undefined;
    this.#services.readiness.release(NAME);
    this.#services.log.warn(`a tracker that was started from a backup serves: ${why}`);
  }
}
