import { CONTROL_FILE, HOME_TRACKERS, PeerageError } from '@peerage/contract';
import { clean } from '../render/clean.ts';
import { columns } from '../render/columns.ts';
import { definitions } from '../render/definitions.ts';
import { lookOf } from '../render/look.ts';
import { ownPlaces, runningClients } from '../running/find-clients.ts';
import { readFlags } from './flags.ts';
import { pathsUsage } from './usage.ts';

/** What is in a client's home, by name: for people who back it up, move it or look into it. */
const inHome = [
  ['library.db', 'keys of this device, shares, downloads, metainfo'],
  ['journals/', 'how far each download is'],
  [HOME_TRACKERS, 'the trackers it was last started with'],
  ['history', 'lines typed in its shell'],
  ['log/client.log', 'its log'],
  [CONTROL_FILE, 'how commands reach it while it runs'],
] as const;

/** `peerage paths`: where everything is. */
export async function pathsProgram(args: readonly string[]): Promise<number> {
  const { words, flags } = readFlags(args, { json: 'boolean' }, pathsUsage);
  if (words.length > 0) throw new PeerageError('usage', `paths needs no words: ${pathsUsage}`);
  const places = ownPlaces(process.env);
  const running = (await runningClients(process.env)).map(({ home, status }) => ({ home, user: status.user }));
  const named = process.env['PEERAGE_HOME'];
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...places, PEERAGE_HOME: named ?? null, clients_running: running })}\n`);
    return 0;
  }
  const look = lookOf(process.stdout, process.env);
  const lines = [
    definitions(
      [
        ['clients', `${clean(places.clients)}/<name>`],
        ['trackers', `${clean(places.trackers)}/<no>`],
        ...(named ? ([['PEERAGE_HOME', clean(named)]] as const) : []),
      ],
      look,
    ),
    '',
    "in a client's home:",
    definitions(
      inHome.map(([name, what]) => [`  ${name}`, what] as const),
      look,
    ),
    '',
    running.length === 0
      ? 'no client is running'
      : columns(
          ['running on', 'user'],
          running.map(({ home, user }) => [clean(home), clean(user ?? '-')]),
          look,
        ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
