import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ClientProcess } from '../../../scripts/drive/client-process.ts';
import { shareOf } from '../../liars/share-of.ts';
import { runProgram } from '../../support/run-program.ts';
import { type Refusal, refusalIn, refused, refusedRun } from '../error-world.ts';
import { type ErrorCases, line } from './error-case.ts';

/** What the program and the client of this machine refuse. */
export const clientErrors: ErrorCases = [
  ['usage', line('guest', 'create_usr x y', /'create_usr'/, /did you mean create_user|help/)],
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
];
