import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * The program at `path`, installed from the distribution's packages where this run may do that (Debian, as root); null where it may not.
 * Runs beside each other wait for one another.
 */
export function debianProgram(path: string, packages: readonly string[]): string | null {
  if (existsSync(path)) return path;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages].join(' ');
  try {
    execFileSync(
      'flock',
      ['/var/lock/peerage-apt', 'sh', '-c', `test -e ${path} || { apt-get update -qq && ${install}; }`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      },
    );
  } catch {
    return null; // no packages to be had here: the tests that need the program say that they were left out
  }
  return existsSync(path) ? path : null;
}
