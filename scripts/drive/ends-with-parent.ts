import { existsSync } from 'node:fs';

const setpriv = '/usr/bin/setpriv';

/**
 * What stands before a program that is to end with the process that started it, also where that is killed: then nobody stops it (prctl(2), PR_SET_PDEATHSIG). Nothing where the system has
 * no such thing.
 */
export const endsWithParent: readonly string[] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
