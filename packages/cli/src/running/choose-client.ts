import { PeerageError } from '@peerage/contract';
import { clean } from '../render/clean.ts';
import { clientOn, type RunningClient, runningClients } from './find-clients.ts';

/** Asks a person for one line; null where nobody can be asked. */
export type Ask = ((question: string) => Promise<string>) | null;

const line = ({ home, status }: RunningClient, index: number): string =>
  `  ${index + 1}  ${clean(home)}  ${clean(status.user ?? 'nobody logged in')}, peers at ${clean(status.listen)}`;

/** The client on that home (`--home`, else PEERAGE_HOME), else the only running one; where there are several, the one that the person chooses. */
export async function chooseClient(home: string | undefined, env: NodeJS.ProcessEnv, ask: Ask): Promise<RunningClient> {
  const wanted = home ?? env['PEERAGE_HOME'];
  if (wanted) return clientOn(wanted);
  const clients = await runningClients(env);
  const [only, another] = clients;
  if (!only) {
    throw new PeerageError('no_client', 'no client is running: start one with peerage client <tracker_info>');
  }
  if (!another) return only;
  const list = clients.map(line).join('\n');
  if (ask === null) {
    const homes = clients.map((client) => `--home ${clean(client.home)}`).join(' or ');
    throw new PeerageError('usage', `${clients.length} clients are running: say which one with ${homes}`);
  }
  const answer = (
    await ask(`${clients.length} clients are running:\n${list}\nwhich one? [1-${clients.length}] `)
  ).trim();
  const chosen = /^[1-9]\d{0,3}$/.test(answer) ? clients[Number(answer) - 1] : undefined;
  if (!chosen) throw new PeerageError('usage', `'${clean(answer)}' is none of them: nothing was done`);
  return chosen;
}
