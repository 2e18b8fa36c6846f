import { createHash } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join as joinPath, resolve } from 'node:path';
import { type Invitation, PeerageError, parseInvitation, parseTrackerList, type TrackerLine } from '@peerage/contract';
import { join } from '../commands/join.ts';
import { clean } from '../render/clean.ts';
import { wrap } from '../render/definitions.ts';
import { lookOf } from '../render/look.ts';
import { clientOn, ownPlaces, type RunningClient, runningClients } from '../running/find-clients.ts';
import { runClient } from './client.ts';
import { readFlags } from './flags.ts';
import { oneShot } from './one-shot.ts';
import { type Person, personAt } from './person.ts';
import { homeTrackers } from './tracker-file.ts';
import { joinUsage } from './usage.ts';

/** `peerage join <invitation>`. Answers the exit code. */
export async function joinProgram(args: readonly string[]): Promise<number> {
  const { words, flags } = readFlags(args, { home: 'string', yes: 'boolean', json: 'boolean' }, joinUsage);
  const [line, extra] = words;
  if (line === undefined || extra !== undefined)
    throw new PeerageError('usage', `join needs an invitation: ${joinUsage}`);
  const invitation = parseInvitation(line, (bytes) => createHash('sha256').update(bytes).digest());
  const wanted = flags.home ?? process.env['PEERAGE_HOME'];
  const running = await runningFor(invitation, wanted);
  if (running) return oneShot('join', [line, '--home', running.home, ...(flags.json ? ['--json'] : [])]);

  const home = wanted ? resolve(wanted) : await ownHome(invitation);
  const known = await homeTrackers(home);
  if (known === null) await confirm(invitation, home, flags.yes === true, personAt(process.stdin, process.stderr));
  else if (!sharesTracker(invitation, known)) throw otherCluster(home);
  // An empty home takes the invitation's trackers; another one keeps its own.
  const trackers = known ?? parseTrackerList(trackerFileOf(invitation), 'the invitation');
  return runClient({
    trackers,
    listen: null,
    home,
    advertise: null,
    json: flags.json === true,
    stay: false,
    keepGoing: false,
    opening: async (control) => {
      const answer = await join.run({ invitation: line }, { control, cwd: process.cwd() });
      return answer.text(lookOf(process.stderr, process.env));
    },
  });
}

const trackerFileOf = ({ trackers }: Invitation): string =>
  trackers.map(({ address, pin }) => (pin === null ? address : `${address} sha256:${pin}`)).join('\n');

const sharesTracker = (invitation: Invitation, known: readonly Pick<TrackerLine, 'address' | 'pin'>[]): boolean =>
  invitation.trackers.some(({ address, pin }) =>
    known.some((tracker) => tracker.address === address || (pin !== null && tracker.pin === pin)),
  );

const otherCluster = (home: string) =>
  new PeerageError(
    'usage',
    `the client on '${home}' has other trackers than the invitation: give a folder of its own with --home, or leave --home out`,
  );

/** A running client that has these trackers; where somebody is logged in first. */
async function runningFor(invitation: Invitation, wanted: string | undefined): Promise<RunningClient | undefined> {
  const has = ({ status }: RunningClient) =>
    sharesTracker(
      invitation,
      status.trackers.map(({ address }) => ({ address, pin: null })),
    );
  if (wanted === undefined) {
    const fitting = (await runningClients(process.env)).filter(has);
    return fitting.find(({ status }) => status.user !== null) ?? fitting[0];
  }
  const client = await clientOn(wanted).catch(() => undefined); // none runs there: one is to be started
  if (client && !has(client)) throw otherCluster(client.home);
  return client;
}

/** The default home of a client that is not running now and has these trackers, else the first one that is free. */
async function ownHome(invitation: Invitation): Promise<string> {
  const { clients } = ownPlaces(process.env);
  const busy = new Set((await runningClients(process.env)).map(({ home }) => home));
  const names = await readdir(clients).catch(() => []);
  for (const name of names.sort()) {
    const home = joinPath(clients, name);
    const known = busy.has(home) ? null : await homeTrackers(home).catch(() => null);
    if (known && sharesTracker(invitation, known)) return home;
  }
  for (let number = 1; ; number++) {
    const home = joinPath(clients, number === 1 ? 'default' : `default-${number}`);
    const exists = await access(home).then(
      () => true,
      () => false,
    );
    if (!exists) return home;
  }
}

/** Whoever follows an invitation trusts its trackers with a password: they are shown before anything is sent there. */
async function confirm(invitation: Invitation, home: string, yes: boolean, person: Person | null): Promise<void> {
  const shown = [
    `invitation to the group ${clean(invitation.group)}, on trackers that no client here has:`,
    ...invitation.trackers.map(
      ({ address, pin }) => `  ${address}  ${pin === null ? 'key not told' : `key sha256:${pin}`}`,
    ),
    `they decide who is a member, and get the password that you choose for them; a new home is made: ${clean(home)}`,
  ].join('\n');
  process.stderr.write(`${wrap(shown, lookOf(process.stderr, process.env), 0).join('\n')}\n`);
  if (yes) return;
  if (person === null) {
    throw new PeerageError('usage', 'a new home for an invitation has to be confirmed: at a terminal, or with --yes');
  }
  const answer = await person.ask('go on? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw new PeerageError('interrupted', 'not confirmed: nothing was done');
}
