import type { Readable } from 'node:stream';
import { type ControlEvent, PeerageError } from '@peerage/contract';
import type { DrawLive } from '../commands/command.ts';
import { commandPage } from '../commands/help.ts';
import { findCommand } from '../commands/table.ts';
import { cleanAll } from '../render/clean.ts';
import { wrap } from '../render/definitions.ts';
import { lookOf } from '../render/look.ts';
import { progressTeller } from '../render/progress-text.ts';
import { chooseClient } from '../running/choose-client.ts';
import type { RunningClient } from '../running/find-clients.ts';
import { RemoteControl } from '../running/remote-control.ts';
import { eventLine } from '../shell/event-line.ts';
import { readLines } from '../shell/lines.ts';
import { LiveArea, liveLook } from '../shell/live-area.ts';
import { asRefusal, type Outcome, runWords } from '../shell/run-line.ts';
import { worthTelling } from '../shell/script.ts';
import { errorLine, outcomeJson } from '../shell/show-outcome.ts';
import { type OneShotWords, oneShotWords } from './one-shot-words.ts';
import { type Person, personAt } from './person.ts';
import { stopOnSignals } from './signals.ts';

/** `peerage <command> …`: one command to a running client. Answers the exit code. */
export async function oneShot(name: string, args: readonly string[]): Promise<number> {
  let given: OneShotWords | undefined;
  let outcome: Outcome;
  try {
    given = oneShotWords(args);
    outcome = await answer(name, given);
  } catch (error) {
    outcome = { command: null, ok: false, error: asRefusal(error) };
  }
  return show(outcome, given?.json ?? args.includes('--json'));
}

function show(outcome: Outcome, json: boolean): number {
  if (json) process.stdout.write(`${outcomeJson(outcome)}\n`);
  else {
    const stream = outcome.ok ? process.stdout : process.stderr;
    const look = lookOf(stream, process.env);
    const text = outcome.ok ? outcome.answer.text(look) : errorLine(outcome.error, look);
    if (text !== '') stream.write(`${wrap(text, look, 0).join('\n')}\n`);
  }
  return outcome.ok ? 0 : outcome.error.exitCode;
}

async function answer(name: string, given: OneShotWords): Promise<Outcome> {
  const entry = findCommand(name);
  if (given.help) {
    return {
      command: entry.name,
      ok: true,
      leaves: false,
      answer: { result: {}, text: (look) => commandPage(entry, look) },
    };
  }
  try {
    if (entry.leaves)
      throw new PeerageError('usage', `${entry.name} leaves a shell: peerage stop ends a running client`);
    const person = personAt(process.stdin, process.stderr);
    const client = entry.local ? null : await chooseClient(given.home, process.env, person?.ask ?? null);
    const outcome = await run(entry.name, given, client, person);
    if (outcome.ok && outcome.command === 'stop') await hasEnded(client!);
    return outcome;
  } catch (error) {
    return { command: entry.name, ok: false, error: asRefusal(error) };
  }
}

async function run(
  name: string,
  { words, json, passwordStdin }: OneShotWords,
  client: RunningClient | null,
  person: Person | null,
): Promise<Outcome> {
  const look = () => lookOf(process.stderr, process.env);
  const area = process.stderr.isTTY && !json ? new LiveArea(process.stderr) : null;
  const live: DrawLive | null = area && ((lines) => area.show(lines(liveLook(look()))));
  const tell = progressTeller(() => performance.now());
  const onEvent = (event: ControlEvent) => {
    const line = json || !worthTelling.has(event.type) ? null : eventLine(cleanAll(event), look());
    if (line === null) return;
    area?.clear();
    process.stderr.write(`${line}\n`);
  };
  const secrets = passwordStdin ? secretsIn(process.stdin) : null;
  using stopping = stopOnSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], [process.stdout, process.stderr]);
  const outcome = await runWords(name, words, {
    // A command that the program answers by itself asks no client.
    control: client === null ? (null as never) : new RemoteControl(client.file, onEvent),
    cwd: process.cwd(),
    signal: stopping.signal,
    live,
    onProgress: (progress) => live?.((shown) => [tell(progress, shown)]),
    askSecret: secrets ?? person?.askSecret ?? null,
    asksTwice: secrets === null,
  });
  area?.clear();
  return outcome;
}

/** `--password-stdin`: one password a line, in the order in which a person would be asked. */
function secretsIn(input: Readable): () => Promise<string> {
  const lines = readLines(input);
  return async () => {
    const { value, done } = await lines.next();
    if (done || value === undefined) throw new PeerageError('usage', 'standard input has no line with the password');
    if ('refused' in value) throw value.refused;
    return value.text;
  };
}

/** Who stops a client may start it again at once. */
async function hasEnded({ home }: RunningClient): Promise<void> {
  const { whenFree } = await import('@peerage/client');
  await whenFree(home);
}
