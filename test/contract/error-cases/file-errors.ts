import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from '../error-world.ts';
import { type ErrorCases, line } from './error-case.ts';

/** What is shared, and where it is read from. */
export const fileErrors: ErrorCases = [
  [
    'unsafe_name',
    {
      how: ({ owner, path }) => {
        writeFileSync(path('a.txt'), 'a');
        return refused(owner, `upload_file --name CON ${path('a.txt')} team`);
      },
      names: /CON/,
      advice: /--name/,
    },
  ],
  ['no_such_file', line('member', 'remove_file team nothing.bin', /'team'.*'nothing\.bin'/, /list_files/)],
  [
    'name_taken',
    {
      how: async ({ owner, member, path }) => {
        for (const who of ['one', 'two']) {
          mkdirSync(path(who));
          writeFileSync(join(path(who), 'taken.txt'), who);
        }
        await owner.do('upload_file', join(path('one'), 'taken.txt'), 'team');
        return refused(member, `upload_file ${join(path('two'), 'taken.txt')} team`);
      },
      names: /'taken\.txt'/,
      advice: /--name/,
    },
  ],
  ['path_not_found', line('owner', 'upload_file /no/such/file.bin team', /\/no\/such\/file\.bin/, /there is no file/)],
  ['path_not_readable', line('owner', 'upload_file /dev/null team', /\/dev\/null/, /choose a file/)],
  [
    'file_changed',
    {
      how: async ({ owner, path }) => {
        writeFileSync(path('changed.txt'), 'before');
        await owner.do('upload_file', path('changed.txt'), 'team');
        const { atime, mtime } = statSync(path('changed.txt'));
        writeFileSync(path('changed.txt'), 'AFTER!');
        utimesSync(path('changed.txt'), atime, mtime);
        return refused(owner, `download_file team changed.txt ${path('changed-copy.txt')}`);
      },
      names: /changed\.txt/,
      advice: /upload/,
    },
  ],
];
