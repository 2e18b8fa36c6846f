import type { Random } from '@peerage/swarm';
import { mutateJson } from './json.ts';

/** One change inside the JSON of one of the messages of a stream of server-sent events; `keys` mean something there. */
export function mutateEventData(input: Uint8Array, keys: readonly string[], random: Random): Uint8Array {
  const text = Buffer.from(input).toString('utf8');
  const data = random.pick([...text.matchAll(/(?<=data: ).*/g)]);
  if (data === undefined) return input;
  const changed = mutateJson(data[0], keys, random);
  return Buffer.from(text.slice(0, data.index) + changed + text.slice(data.index + data[0].length));
}
