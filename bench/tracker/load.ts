import { randomBytes } from 'node:crypto';
import type { PreparedDevice } from './prefill.ts';
import { RawConnection, requestOf, type Target } from './raw-connection.ts';

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answers: number;
}

/** The next request of a connection, if there is one. */
export type NextRequest = (connection: number, count: number) => Buffer | undefined;

/** Each connection sends one request after the other, as `next` gives them, until it gives none or the time is over. */
export async function load(target: Target, connections: number, seconds: number, next: NextRequest): Promise<Load> {
  const open = await Promise.all(Array.from({ length: connections }, () => RawConnection.open(target)));
  const [begun, untilMs] = [performance.now(), performance.now() + seconds * 1_000];
  const times: number[] = [];
  await Promise.all(
    open.map(async (connection, index) => {
      for (let count = 0; ; count++) {
        const askedMs = performance.now();
        const request = askedMs < untilMs ? next(index, count) : undefined;
        if (!request) return;
        const status = await connection.ask(request);
        if (status !== 200) throw new Error(`the tracker answered ${status} to ${request.toString().slice(0, 200)}`);
        times.push(performance.now() - askedMs);
      }
    }),
  );
  const elapsed = (performance.now() - begun) / 1_000;
  for (const connection of open) connection.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: times.length / elapsed, p50Ms: at(0.5), p99Ms: at(0.99), answers: times.length };
}

/** Random ids of commands, made many at once: a call for each would be a tenth of what a request costs here. */
function newCommandIds(): () => string {
  let ids = '';
  let at = 0;
  return () => {
    if (at === ids.length) [ids, at] = [randomBytes(16 * 1_024).toString('hex'), 0];
    at += 32;
    return ids.slice(at - 32, at);
  };
}

/** Durable writes: a device's intent to share on, and off again, each under a command id of its own. */
export function sharing(devices: readonly PreparedDevice[]): (connection: number, count: number) => Buffer {
  const newCommandId = newCommandIds();
  const prepared = devices.map(({ token, group, infoHash }) => {
    const shares = `/v1/groups/${group}/shares`;
    return [
      templateOf('POST', shares, token, (commandId) => ({ commandId, infoHash })),
      templateOf('POST', `${shares}/${infoHash}/stop`, token, (commandId) => ({ commandId })),
    ] as const;
  });
  return (connection, count) => {
    const [before, after] = prepared[connection]![(count % 2) as 0 | 1];
    return Buffer.from(before + newCommandId() + after, 'latin1');
  };
}

/** A request around its command id. */
function templateOf(method: string, path: string, token: string, body: (commandId: string) => object): string[] {
  const placeholder = 'f'.repeat(32);
  return requestOf(method, path, token, body(placeholder)).toString('latin1').split(placeholder);
}

/** What a member does in a busy group: shares a file, looks at the list, stops sharing it. Two of three are durable writes. */
export function mixing(devices: readonly PreparedDevice[]): NextRequest {
  const share = sharing(devices);
  return (connection, count) => {
    if (count % 3 !== 1) return share(connection, count % 3 === 0 ? 0 : 1);
    const { token, group } = devices[connection]!;
    return requestOf('GET', `/v1/groups/${group}/files`, token);
  };
}
