import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Channel, PeerageError, type Route, type RouteAnswer, type TrackerRoutes } from '@peerage/contract';
import type { z } from 'zod';
import type { OpenedSession } from '../domain/open-session.ts';
import type { Arrival } from '../life/stall-fence.ts';
import type { Asking, Commanding } from '../store/writer.ts';
import type { Services } from './services.ts';

type Parsed<S> = S extends z.ZodType ? z.infer<S> : undefined;

/** One request, parsed by its route's schemas; `session` where the route asks for one. */
export interface Request<R extends Route> {
  readonly params: Parsed<R['params']>;
  readonly query: Parsed<R['query']>;
  readonly body: R['body'] extends 'bytes' ? Readable : Parsed<R['body']>;
  readonly session: R['session'] extends true ? OpenedSession : undefined;
  /** IP address that the request came from. */
  readonly source: string;
  readonly route: string;
  /** What both ends of its connection know of it, for signatures that are good on it alone. */
  readonly channel: () => Channel;
  readonly arrival: Arrival | undefined;
}

/** Bytes to answer with, from disk. */
export interface ByteAnswer {
  readonly sizeBytes: number;
  readonly stream: Readable;
}

type Answer<R extends Route> = R['answer'] extends 'bytes' ? ByteAnswer : RouteAnswer<R>;

/** Event streams are not requests and answers: events-route.ts. */
export type HandledRoute = Exclude<keyof TrackerRoutes, 'events'>;

export type Handler<K extends keyof TrackerRoutes> = (
  services: Services,
  request: Request<TrackerRoutes[K]>,
) => Promise<Answer<TrackerRoutes[K]>>;

export type Handlers<K extends HandledRoute> = { readonly [Name in K]: Handler<Name> };

interface UserRequest {
  readonly session: OpenedSession;
}

interface CommandRequest extends UserRequest {
  readonly params: Readonly<Record<string, string>> | undefined;
  readonly body: { readonly commandId: string };
  readonly route: string;
  readonly arrival: Arrival | undefined;
}

/** Who asks. */
export const asking = ({ session }: UserRequest): Asking => ({ actor: { uid: session.uid, device: session.device } });

/** Who commands, bound to what exactly is commanded: never to a password, whose hash in a row would be a quick one. */
export function commanding({ session, params, body, route, arrival }: CommandRequest): Commanding {
  const bound = Object.entries({ ...body, ...params }).filter(
    ([key]) => key !== 'commandId' && key !== 'current' && key !== 'next',
  );
  const bodyHash = hash('sha256', JSON.stringify(bound.sort(([a], [b]) => (a < b ? -1 : 1))));
  return {
    actor: { uid: session.uid, device: session.device },
    command: { id: body.commandId, tag: { route, bodyHash } },
    arrival,
  };
}

/** Whether every listed tracker has what was just written; true where there is no other. */
export async function settling({ replication }: Pick<Services, 'replication'>): Promise<{ settled: boolean }> {
  return { settled: (await replication?.settle()) ?? true };
}

/** Settles a name that was just taken. Refuses with `name_conflict` where another one, on another tracker, took it first. */
export async function settlingName(
  services: Pick<Services, 'replication' | 'writer'>,
  named: { readonly kind: 'user' | 'group'; readonly id: string },
): Promise<{ settled: boolean }> {
  if (!services.replication?.hasOthers) return { settled: true };
  const { settled } = await settling(services);
  const outcome = await services.writer.run('settleName', { ...named, settled }).catch((error: unknown) => {
    // It is made; that the clock has come into doubt since keeps only its name from being settled.
    if (error instanceof PeerageError && error.code === 'clock_skew') return undefined;
    throw error;
  });
  if (!outcome) return { settled: false };
  const { shown, lost } = outcome;
  if (!lost) return { settled };
  const how = named.kind === 'user' ? 'rename_user' : 'rename_group';
  throw new PeerageError(
    'name_conflict',
    `that ${named.kind} id was taken on another tracker at the same time, and is the other's: this one is '${shown}' until ${how} gives it a new one`,
  );
}
