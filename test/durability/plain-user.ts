import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { peerage } from '../../scripts/drive/peerage-process.ts';

const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;

/** Root may read and write everything: there the clients whose rights matter run as this user. */
export const plainUid = isRoot ? NOBODY : undefined;

/** False where the clone itself is in a place that only root may read: such a client could not even start. */
export const canBePlain = !isRoot || spawnSync(peerage, ['--version'], { uid: NOBODY, gid: NOBODY }).status === 0;

/** Lets the plain user into `folder` and gives it all of `owned`. */
export function giveToPlainUser(folder: string, owned: readonly string[]): void {
  if (plainUid === undefined) return;
  chmodSync(folder, 0o755);
  const { status, stderr } = spawnSync('chown', ['-R', `${plainUid}:${plainUid}`, ...owned], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
