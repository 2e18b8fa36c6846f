import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ErrorCode } from '@peerage/contract';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { shareOf } from '../liars/share-of.ts';
import { runProgram } from '../support/run-program.ts';
import { startTeam } from '../support/team.ts';
import {
  behindClient,
  deadTrackerFile,
  type ErrorWorld,
  lateTrackerFile,
  pinnedTrackerFile,
  type Refusal,
  refusalIn,
  refused,
  refusedRun,
  restoredTrackerFile,
  strangeTrackerFile,
} from './error-world.ts';

export interface ErrorCase {
  readonly how: (world: ErrorWorld) => Promise<Refusal>;
  /** The thing that it is about. */
  readonly names: RegExp;
  /** What to do, or all that is left to know. */
  readonly advice: RegExp;
  /** Left out: everywhere. */
  readonly possible?: () => boolean;
}

type Who = 'owner' | 'member' | 'stranger' | 'guest';

/** One line does it. */
const line = (who: Who, words: string, names: RegExp, advice: RegExp): ErrorCase => ({
  how: (world) => refused(world[who], words),
  names,
  advice,
});

const cases: readonly (readonly [ErrorCode, ErrorCase])[] = [
  ['usage', line('guest', 'create_usr x y', /'create_usr'/, /did you mean create_user|help/)],
  [
    'protocol',
    {
      how: async (world) => refusedRun(await strangeTrackerFile(world), world.path('home-p'), 'create_user a b\n'),
      names: /tracker/,
      advice: /is it a tracker\?/,
    },
  ],
  [
    'tracker_key_changed',
    {
      how: async (world) => refusedRun(pinnedTrackerFile(world), world.path('home-k'), 'create_user a b\n'),
      names: /127\.0\.0\.1:\d+/,
      advice: /key/,
    },
  ],
  [
    'no_client',
    {
      how: async (world) => refusalIn(await runProgram(['whoami', '--home', world.path('nobody')])),
      names: /nobody'/,
      advice: /peerage client/,
    },
  ],
  [
    'foreign_caller',
    {
      how: async ({ team }) => {
        const { port } = JSON.parse(readFileSync(join(team.home(0), 'control.json'), 'utf8')) as { port: number };
        const answer = await fetch(`http://127.0.0.1:${port}/v1/commands/whoami`, { method: 'POST', body: '{}' });
        return (await answer.json()) as Refusal;
      },
      names: /this client/,
      advice: /control\.json/,
    },
  ],
  [
    'no_page',
    {
      how: async (world) => {
        const client = ['client', '127.0.0.1:0', world.team.trackerInfo, '--home', world.path('home-w'), '--no-web'];
        return refusalIn(await runProgram(client, 'open\n'));
      },
      names: /page/,
      advice: /--no-web/,
    },
  ],
  [
    'path_not_allowed',
    {
      how: async ({ team }) => {
        const file = JSON.parse(readFileSync(join(team.home(0), 'control.json'), 'utf8')) as {
          port: number;
          token: string;
        };
        const answer = await fetch(`http://127.0.0.1:${file.port}/v1/commands/browse`, {
          method: 'POST',
          headers: { authorization: `Bearer ${file.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ path: '/proc' }),
        });
        return (await answer.json()) as Refusal;
      },
      names: /page/,
      advice: /--roots/,
    },
  ],
  [
    'from_backup',
    {
      how: async (world) => refusedRun(await restoredTrackerFile(world), world.path('home-b'), 'create_user a b\n'),
      names: /backup of \d{4}-\d\d-\d\d/,
      advice: /waits until it has read from another tracker, or its operator types accept_loss/,
    },
  ],
  [
    'clock_skew',
    {
      how: async (world) => refusedRun(await lateTrackerFile(world), world.path('home-l'), 'create_user a b\n'),
      names: /clock of the tracker is 3\d{3} s behind/,
      advice: /set it right, wait until another tracker agrees/,
    },
  ],
  [
    'tracker_behind',
    {
      how: async (world) =>
        refused(await behindClient(world), `download_file team behind.bin ${world.path('fetched')}`),
      names: /metainfo/,
      advice: /try again when it can/,
    },
  ],
  ['bad_name', line('guest', "create_user 'two words' secret", /'two words'/, /use 1 to 64 letters/)],
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
  ['not_logged_in', line('guest', 'list_groups', /you are not logged in/, /login <user_id> <passwd>/)],
  ['bad_credentials', line('guest', 'login user0 wrong', /user id or password/, /is wrong/)],
  [
    'throttled',
    {
      how: async ({ owner, stranger }) => {
        await owner.do('create_group', 'slow');
        await stranger.do('join_group', 'slow');
        await owner.do('reject_request', 'slow', 'stranger');
        return refused(stranger, 'join_group slow');
      },
      names: /'slow'/,
      advice: /you can ask again at /,
    },
  ],
  ['already_logged_in', line('stranger', 'login user0 secret', /'stranger'/, /logout first/)],
  ['user_exists', line('guest', 'create_user USER0 other', /'USER0'/i, /choose another/)],
  ['no_such_user', line('owner', 'remove_member team nobody', /'nobody'/, /check how the name is written/)],
  ['group_exists', line('stranger', 'create_group Team', /'team'/i, /choose another/)],
  ['no_such_group', line('stranger', 'join_group nowhere', /'nowhere'/, /list_groups/)],
  ['not_member', line('stranger', 'list_files team', /'team'/, /join_group team/)],
  ['not_owner', line('member', 'list_requests team', /'team'/, /only the owner/)],
  ['already_member', line('member', 'join_group team', /'team'/, /already/)],
  [
    'request_pending',
    {
      how: async ({ owner, stranger }) => {
        await owner.do('create_group', 'later');
        await stranger.do('join_group', 'later');
        return refused(stranger, 'join_group later');
      },
      names: /'later'/,
      advice: /pending since \d\d:\d\d/,
    },
  ],
  ['no_such_request', line('owner', 'accept_request team stranger', /'team'.*'stranger'/, /list_requests/)],
  [
    'already_decided',
    {
      how: async ({ owner, stranger }) => {
        await owner.do('create_group', 'decided');
        await stranger.do('join_group', 'decided');
        await owner.do('accept_request', 'decided', 'stranger');
        return refused(owner, 'reject_request decided stranger');
      },
      names: /stranger/,
      advice: /was accepted by user0 at \d\d:\d\d/,
    },
  ],
  ['no_such_file', line('member', 'remove_file team nothing.bin', /'team'.*'nothing\.bin'/, /list_files/)],
  ['no_such_download', line('member', 'pause_download team nothing.bin', /'nothing\.bin'.*'team'/, /show_downloads/)],
  ['no_such_device', line('member', 'revoke_device nothing', /'nothing'/, /devices/)],
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
  ['name_conflict', line('owner', 'rename_group team crew', /'team'/, /only a group that lost its name/)],
  ['path_not_found', line('owner', 'upload_file /no/such/file.bin team', /\/no\/such\/file\.bin/, /there is no file/)],
  ['path_not_readable', line('owner', 'upload_file /dev/null team', /\/dev\/null/, /choose a file/)],
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
  [
    'tracker_unreachable',
    {
      how: async (world) => refusedRun(await deadTrackerFile(world), world.path('home-u'), 'login a b\n'),
      names: /127\.0\.0\.1:\d+/,
      advice: /start one, or try again/,
    },
  ],
  [
    'address_in_use',
    {
      how: ({ team, owner, path }) => refusedRun(team.trackerInfo, path('home-a'), '', owner.listenAddress),
      names: /127\.0\.0\.1:\d+/,
      advice: /choose another port/,
    },
  ],
  [
    'home_in_use',
    {
      how: ({ team }) => refusedRun(team.trackerInfo, team.home(0)),
      names: /home-0/,
      advice: /--home/,
    },
  ],
  [
    'newer_format',
    {
      how: async ({ team, path }) => {
        await refusedRun(team.trackerInfo, path('home-n'));
        const library = new DatabaseSync(join(path('home-n'), 'library.db'));
        library.exec("UPDATE meta SET value = '999' WHERE key = 'format'");
        library.close();
        return refusedRun(team.trackerInfo, path('home-n'));
      },
      names: /home-n.*format 999/,
      advice: /install/,
    },
  ],
  [
    'signup_closed',
    {
      how: async ({ team, guest }) => {
        const { stdin } = team.tracker.process;
        stdin?.write('signup closed\n');
        while (!team.tracker.output().includes('sign-up is closed')) await once(team.tracker.process.stdout!, 'data');
        const refusal = await refused(guest, 'create_user late secret');
        stdin?.write('signup open\n');
        return refusal;
      },
      names: /no new accounts/,
      advice: /ask who runs it/,
    },
  ],
  [
    'limit',
    {
      how: async ({ stranger }) => {
        for (let number = 0; ; number++) {
          const answer = await stranger.send('create_group', `many-${number}`);
          if (!answer.ok) return answer.error as Refusal;
        }
      },
      names: /100 groups/,
      advice: /leave one first/,
    },
  ],
  [
    'interrupted',
    {
      how: async ({ team, path }) => {
        const client = await ClientProcess.start(team.trackerInfo, path('home-i'));
        await client.do('create_user', 'hasty', 'secret');
        await client.do('login', 'hasty', 'secret');
        await client.do('join_group', 'team');
        await team.members[0]!.do('accept_request', 'team', 'hasty');
        await shareOf(team, 'nowhere', 'never.txt', { damaged: false, online: false });
        await client.do('download_file', 'team', 'never.txt', path('never-copy.txt'));
        const waiting = refused(client, 'wait');
        const ended = once(client.process, 'exit');
        client.process.kill('SIGINT');
        const refusal = await waiting;
        await ended;
        return refusal;
      },
      names: /^wait /,
      advice: /interrupted/,
    },
  ],
  [
    'internal',
    {
      // Somebody works on the tracker's database with other tools.
      how: async () => {
        const broken = await startTeam(1);
        try {
          const database = new DatabaseSync(join(broken.folder, 'tracker', 'tracker.db'), { timeout: 5000 });
          database.exec('DROP TABLE op_pieces');
          database.close();
          return await refused(broken.members[0]!, 'create_group more');
        } finally {
          await broken.stop();
        }
      },
      names: /tracker/,
      advice: /log/,
    },
  ],
];

export const errorCases: ReadonlyMap<ErrorCode, ErrorCase> = new Map(cases);
