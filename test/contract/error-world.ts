import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ErrorCode } from '@peerage/contract';
import { portIdentityIn } from '../../packages/tracker/src/tls/port-identity.ts';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { type Run, runProgram } from '../support/run-program.ts';
import { startTeam, type Team } from '../support/team.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What refusals are provoked in: a group, `team`, with its owner and a member; somebody who is in no group; and a client where nobody is logged in. */
export interface ErrorWorld {
  readonly team: Team;
  readonly owner: ClientProcess;
  readonly member: ClientProcess;
  readonly stranger: ClientProcess;
  readonly guest: ClientProcess;
  /** A path in the world's folder. */
  path(name: string): string;
  /** Also ends what a case has begun. */
  atEnd(step: () => unknown): void;
  stop(): Promise<void>;
}

export async function startErrorWorld(): Promise<ErrorWorld> {
  const team = await startTeam(2);
  const [owner, member] = team.members;
  const stranger = await ClientProcess.start(team.trackerInfo, team.home(2));
  await stranger.do('create_user', 'stranger', 'secret');
  await stranger.do('login', 'stranger', 'secret');
  const guest = await ClientProcess.start(team.trackerInfo, team.home(3));
  const steps: (() => unknown)[] = [];
  return {
    team,
    owner: owner!,
    member: member!,
    stranger,
    guest,
    path: (name) => join(team.folder, name),
    atEnd: (step) => steps.push(step),
    async stop() {
      for (const step of steps.reverse()) await step();
      await stranger.stop();
      await guest.stop();
      await team.stop();
    },
  };
}

/** How a line is refused. */
export async function refused(client: ClientProcess, line: string): Promise<Refusal> {
  const answer = await client.sendLine(line);
  if (answer.ok) throw new Error(`'${line}' succeeded: ${JSON.stringify(answer.result)}`);
  return answer.error as Refusal;
}

/** How a client that is started on `home` refuses to start, or to run `script`. */
export async function refusedRun(trackerInfo: string, home: string, script = '', listen = '127.0.0.1:0') {
  return refusalIn(await runProgram(['client', listen, trackerInfo, '--home', home], script));
}

/** How a program refused, as a person reads it. */
export function refusalIn({ err }: Run): Refusal {
  const [, message = '', code = ''] = /^error: (.+) \((\w+)\)$/m.exec(err) ?? [];
  return { code: code as ErrorCode, message: message || err };
}

/** A tracker file that leads to nobody. */
export async function deadTrackerFile(world: ErrorWorld): Promise<string> {
  const file = world.path('dead.txt');
  writeFileSync(file, `127.0.0.1:${await freePort()}\n`);
  return file;
}

/** A tracker file that pins another key than the tracker has. */
export function pinnedTrackerFile(world: ErrorWorld): string {
  const file = world.path('pinned.txt');
  writeFileSync(file, `${readFileSync(world.team.trackerInfo, 'utf8').trim()} sha256:${'0'.repeat(64)}\n`);
  return file;
}

/** A tracker file that leads to a web server of another kind. */
export async function strangeTrackerFile(world: ErrorWorld): Promise<string> {
  const { key, certificate } = await portIdentityIn(world.path('.'));
  const tls = { key: key.export({ type: 'pkcs8', format: 'pem' }), cert: certificate };
  const server = createServer(tls, (_request, response) => response.writeHead(404).end('<h1>Not here</h1>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.atEnd(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  const file = world.path('strange.txt');
  writeFileSync(file, `127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  return file;
}

/** The file of a tracker that was started from a backup and has nobody to read from. */
export async function restoredTrackerFile(world: ErrorWorld): Promise<string> {
  const [backup, data] = [world.path('backup'), world.path('restored')];
  for (const args of [
    ['backup', backup, '--data', world.path('tracker')],
    ['restore', backup, '--data', data],
  ]) {
    const { code, err } = await runProgram(['tracker', ...args]);
    if (code !== 0) throw new Error(err);
  }
  const file = world.path('restored.txt');
  writeFileSync(file, `127.0.0.1:${await freePort()}\n`);
  const tracker = await TrackerProcess.start(file, 1, data);
  world.atEnd(() => tracker.stop());
  return file;
}

/** The file of a tracker, one of two, that wrote at a time which by its clock is an hour ahead. */
export async function lateTrackerFile(world: ErrorWorld): Promise<string> {
  const [file, data] = [world.path('late.txt'), world.path('late')];
  writeFileSync(file, `127.0.0.1:${await freePort()}\n127.0.0.1:${await freePort()}\n`);
  const db = new DatabaseSync(await writtenBy(file, data));
  db.exec(`UPDATE rows SET hlc = hlc + ${3_600_000 * 2048}`);
  db.close();
  const tracker = await TrackerProcess.start(file, 1, data);
  world.atEnd(() => tracker.stop());
  return file;
}

/** A client at a tracker that lists a file whose metainfo is at another one, which does not run. */
export async function behindClient(world: ErrorWorld): Promise<ClientProcess> {
  const [file, data] = [world.path('behind.txt'), world.path('behind')];
  writeFileSync(file, `127.0.0.1:${await freePort()}\n127.0.0.1:${await freePort()}\n`);
  const first = await TrackerProcess.start(file, 1, data);
  const client = await ClientProcess.start(file, world.path('home-behind'));
  world.atEnd(() => client.stop());
  await client.do('create_user', 'alice', 'secret');
  await client.do('login', 'alice', 'secret');
  await client.do('create_group', 'team');
  writeFileSync(world.path('behind.bin'), 'content');
  await client.do('upload_file', world.path('behind.bin'), 'team');
  await first.stop();
  const db = new DatabaseSync(join(data, 'tracker.db'));
  db.exec("DELETE FROM rows WHERE entity = 'blob'");
  db.close();
  const tracker = await TrackerProcess.start(file, 1, data);
  world.atEnd(() => tracker.stop());
  return client;
}

/** The database of a tracker that has run and holds an account. */
async function writtenBy(trackerInfo: string, data: string): Promise<string> {
  const tracker = await TrackerProcess.start(trackerInfo, 1, data);
  const { code, err } = await runProgram(
    ['client', '127.0.0.1:0', trackerInfo, '--home', `${data}-home`],
    'create_user early secret\n',
  );
  await tracker.stop();
  if (code !== 0) throw new Error(err);
  return join(data, 'tracker.db');
}
