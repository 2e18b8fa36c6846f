import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { Random } from '@peerage/swarm';
import { tryLimits } from '../../../packages/tracker/src/limits.ts';
import { httpSend, trackerAgent } from '../../../packages/tracker/src/testing/http-send.ts';
import { TestDevice } from '../../../packages/tracker/src/testing/test-device.ts';
import type { TrackerProcess } from '../../../scripts/drive/tracker-process.ts';
import { accepted, demand, refused, seedOf } from '../decoder.ts';
import { type HttpInput, httpInput, httpSeeds, httpWords, mutateHttp } from '../http-inputs.ts';
import { anyToken, partsOf, rawOf } from '../raw-http.ts';
import type { LivePort } from './port.ts';
import { plainTo, talk, tlsTo } from './talk.ts';

const QUIET_MS = 2_000;
const MOST_LOGINS = 3;

/**
 * Each of a process's threads keeps the 19 MiB that a password hash takes once it made one. That happens here, before memory is looked at: else what grows is the
 * number of threads that have hashed, which a run meets late or never.
 */
async function warmHashing(port: number): Promise<void> {
  const agents = Array.from({ length: 4 }, () => trackerAgent());
  for (let round = 0; round < 4; round++) {
    const made = agents.map((agent, at) => new TestDevice(httpSend(port, agent)).createUser(`warm-${round}-${at}`));
    await Promise.all(made);
  }
  for (const agent of agents) agent.destroy();
}

/** A tracker's port, with an account there whose session the inputs may use. */
export async function trackerPort(tracker: TrackerProcess, dataFolder: string): Promise<LivePort & { close(): void }> {
  const agent = trackerAgent();
  // From an address of its own: wrong passwords among the inputs hold back who comes from theirs.
  const device = new TestDevice(httpSend(tracker.port, agent, '127.0.0.2'));
  // No input knows its name or password.
  const [name, password] = ['owner-of-a-session', 'known to nobody else'];
  await device.createUser(name, password);
  await device.login(name, password);
  await warmHashing(tracker.port);
  const logInAgain = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        return await device.login(name, password);
      } catch (error) {
        // Inputs of its session that change the password guess at it, as one of its devices does.
        if (!(error instanceof PeerageError) || error.code !== 'throttled' || tries === MOST_LOGINS) throw error;
        await new Promise((resolve) => setTimeout(resolve, tryLimits.knownDevice.everyMs));
      }
    }
  };
  return {
    name: 'tracker-port',
    pid: tracker.process.pid!,
    words: [
      ...httpWords,
      '\r\n',
      '\r\n\r\n',
      'transfer-encoding: chunked\r\n',
      'content-length: 5\r\n',
      'expect: 100-continue\r\n',
      'upgrade: h2c\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\x16\x03\x01',
    ],
    maxBytes: 80_000,
    seeds: () => [...httpSeeds().map((seed) => rawOf(httpInput(seed)!)), rawOf(eventsRequest)],
    mutate(input, random) {
      const request = partsOf(input);
      return request === undefined
        ? input
        : rawOf(httpInput(mutateHttp(Buffer.from(JSON.stringify(request)), random))!);
    },
    async send(input) {
      const bytes = Buffer.from(Buffer.from(input).toString('latin1').replaceAll(anyToken, device.token!), 'latin1');
      // Most inside TLS, where requests are read; some as they are, to the port that speaks nothing else.
      const stream = new Random(seedOf(input)).chance(0.9) ? tlsTo(tracker.port) : plainTo(tracker.port);
      const answer = (await talk(stream, [bytes], { quietMs: QUIET_MS, ends: true })).toString('latin1');
      alive(tracker);
      if (answer === '' || answer.startsWith('\x15\x03')) return refused('nothing, or an alert');
      const status = /^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1];
      demand(status !== undefined, `answers in another protocol: ${answer.slice(0, 100)}`);
      demand(!/(^|\r\n)HTTP\/1\.[01] 5\d\d /.test(answer), `answers ${answer.slice(0, 500)}`);
      const code = /"code":"(\w+)"/.exec(answer)?.[1];
      return status.startsWith('2') ? accepted(status) : refused(`${status} ${code}`);
    },
    async serves() {
      try {
        await device.call('me', {});
      } catch {
        await logInAgain(); // an input has logged it out
      }
      demand((await device.call('health', {})).ok, 'the tracker says it can not write');
      const log = readFileSync(join(dataFolder, 'log', 'tracker.log'), 'utf8');
      const defect = log.split('\n').find((line) => /^\{"level":[56]0/.test(line));
      demand(defect === undefined, `the tracker met a defect: ${defect}`);
    },
    close: () => agent.destroy(),
  };
}

function alive({ process, output }: TrackerProcess): void {
  demand(process.exitCode === null && process.signalCode === null, `the tracker ended:\n${output()}`);
}

const eventsRequest: HttpInput = { method: 'GET', path: '/v1/events', session: true, contentType: '', body: '' };
