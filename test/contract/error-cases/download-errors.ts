import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { shareOf } from '../../liars/share-of.ts';
import { refused } from '../error-world.ts';
import { type ErrorCases, line } from './error-case.ts';

/** Downloads, and where they are written to. The last one leaves a download that waits. */
export const downloadErrors: ErrorCases = [
  ['no_such_download', line('member', 'pause_download team nothing.bin', /'nothing\.bin'.*'team'/, /show_downloads/)],
  [
    'path_not_writable',
    {
      how: async ({ owner, member, path }) => {
        writeFileSync(path('w.txt'), 'w');
        await owner.do('upload_file', path('w.txt'), 'team');
        mkdirSync(path('copy.txt.part'));
        return refused(member, `download_file team w.txt ${path('copy.txt')}`);
      },
      names: /copy\.txt\.part/,
      advice: /is a folder, not a file: choose/,
    },
  ],
  [
    'destination_exists',
    {
      how: async ({ owner, member, path }) => {
        writeFileSync(path('d.txt'), 'd');
        writeFileSync(path('mine.txt'), 'mine');
        await owner.do('upload_file', path('d.txt'), 'team');
        return refused(member, `download_file team d.txt ${path('mine.txt')}`);
      },
      names: /mine\.txt/,
      advice: /choose another destination/,
    },
  ],
  [
    'download_exists',
    {
      how: async ({ team, member, path }) => {
        await shareOf(team, 'absent', 'twice.txt', { damaged: false, online: false });
        await member.do('download_file', 'team', 'twice.txt', path('twice-1'));
        const refusal = await refused(member, `download_file team twice.txt ${path('twice-2')}`);
        await member.do('cancel_download', 'team', 'twice.txt');
        return refusal;
      },
      names: /'twice\.txt'.*twice-1/,
      advice: /cancel_download/,
    },
  ],
  [
    'no_space',
    {
      how: async ({ owner, member, path, atEnd }) => {
        writeFileSync(path('large.bin'), Buffer.alloc(2 * 1024 * 1024));
        await owner.do('upload_file', path('large.bin'), 'team');
        mkdirSync(path('disk'));
        spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', path('disk')]);
        atEnd(() => spawnSync('/bin/umount', [path('disk')]));
        return refused(member, `download_file team large.bin ${path('disk')}`);
      },
      names: /large\.bin/,
      advice: /make space/,
      // Only root may mount a small disk: there is no other way to a full one that harms nobody.
      possible: () => process.getuid?.() === 0 && process.platform === 'linux',
    },
  ],
  [
    'integrity',
    {
      how: async ({ team, member, path, atEnd }) => {
        atEnd(await shareOf(team, 'careless', 'damaged.txt', { damaged: true, online: true }));
        await member.do('download_file', 'team', 'damaged.txt', path('damaged-copy.txt'));
        const refusal = await refused(member, 'wait --timeout 20');
        await member.do('cancel_download', 'team', 'damaged.txt');
        return refusal;
      },
      names: /'damaged\.txt'/,
      advice: /ask for it to be shared again/,
    },
  ],
  [
    'no_seeders',
    {
      how: async ({ team, member, path }) => {
        await shareOf(team, 'away', 'lonely.txt', { damaged: false, online: false });
        await member.do('download_file', 'team', 'lonely.txt', path('lonely-copy.txt'));
        for (;;) {
          const { downloads } = await member.do('show_downloads');
          const lonely = downloads.find(({ file }) => file === 'lonely.txt')!;
          if (lonely.state === 'W' && /online/.test(lonely.reason?.message ?? '')) return lonely.reason!;
        }
      },
      names: /pieces/,
      advice: /goes on by itself when somebody comes/,
    },
  ],
  [
    'timeout',
    {
      how: async ({ team, member, path }) => {
        await shareOf(team, 'gone', 'slow.txt', { damaged: false, online: false });
        await member.do('download_file', 'team', 'slow.txt', path('slow-copy.txt'));
        return refused(member, 'wait --timeout 0');
      },
      names: /\d of the downloads/,
      advice: /wait again, or show_downloads/,
    },
  ],
];
