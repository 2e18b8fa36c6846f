import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** A small disk of its own (a tmpfs), which belongs to the user `uid`. Only root may mount one. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-disk-'));
  readonly isMounted: boolean;

  constructor(mib: number, uid: number | undefined) {
    const owner = uid === undefined ? '' : `,uid=${uid},gid=${uid}`;
    this.isMounted =
      spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=755${owner}`, 'none', this.folder]).status === 0;
  }

  /** Another program's data take all but so much of it. */
  fill(leaveMib: number): void {
    const { bavail, bsize } = statfsSync(this.folder);
    writeFileSync(join(this.folder, 'filler'), Buffer.alloc(bavail * bsize - leaveMib * MIB));
  }

  makeSpace(): void {
    rmSync(join(this.folder, 'filler'), { force: true });
  }

  become(rights: 'ro' | 'rw'): void {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,${rights}`, this.folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }

  empty(): void {
    this.become('rw');
    for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name), { recursive: true });
  }

  end(): void {
    if (this.isMounted) spawnSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}
