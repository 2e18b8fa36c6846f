import { PeerageError } from '@peerage/contract';
import { chooseClient } from '../running/choose-client.ts';
import { RemoteControl } from '../running/remote-control.ts';
import { converse, talkingThrough } from './converse.ts';
import { readFlags } from './flags.ts';
import { personAt } from './person.ts';
import { stopOnSignals } from './signals.ts';
import { shellUsage } from './usage.ts';

/** `peerage shell`: the shell of a client that runs already, such as one in the background. Answers the exit code. */
export async function shellProgram(args: readonly string[]): Promise<number> {
  const { words, flags } = readFlags(args, { home: 'string', json: 'boolean', 'keep-going': 'boolean' }, shellUsage);
  if (words.length > 0) throw new PeerageError('usage', `a shell needs no words: ${shellUsage}`);
  const person = personAt(process.stdin, process.stderr);
  const client = await chooseClient(flags.home, process.env, person?.ask ?? null);
  using stopping = stopOnSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], talkingThrough());
  const control = new RemoteControl(client.file);
  const gone = new AbortController();
  void control.ended.then(() => gone.abort());
  const code = await converse({
    control,
    json: flags.json === true,
    keepGoing: flags['keep-going'] === true,
    stay: false,
    ownsClient: false,
    home: client.home,
    stop: AbortSignal.any([stopping.signal, gone.signal]),
  });
  if (gone.signal.aborted) process.stderr.write('the client has ended\n');
  return code;
}
