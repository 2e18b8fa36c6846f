import { spawnSync } from 'node:child_process';

/** Installing may wait for the network; who has none is answered sooner. */
const INSTALL_MS = 60_000;

/**
 * Whether the program is here, after it was installed from Debian's packages where that may be done (root, apt-get). Tests that need it are
 * skipped otherwise, with this reason; null where it is here.
 */
export function missingProgram(name: string, packageName = name): string | null {
  const isHere = () => spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
  if (isHere()) return null;
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', packageName], {
      stdio: 'ignore',
      timeout: INSTALL_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  return isHere() ? null : `${name} is not here and can not be installed from Debian's package ${packageName}`;
}
