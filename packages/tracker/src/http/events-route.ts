import { type TrackerEvent, trackerRoutes } from '@peerage/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OpenedSession } from '../domain/open-session.ts';
import type { EventSink } from '../events/event-hub.ts';
import type { Services } from './services.ts';

/** Clients take events of at most 1 MiB. */
const MOST_IN_AN_EVENT = 1000;

/** Server-sent events for one session, until either side closes. */
export function registerEvents(
  server: FastifyInstance,
  services: Services,
  sessionOf: (request: FastifyRequest) => OpenedSession,
): void {
  const { hub, presence, revocations } = services;
  server.get(trackerRoutes.events.path, (request, reply) => {
    const { uid, device } = sessionOf(request);
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const sink: EventSink = {
      get waitingBytes() {
        return response.writableLength;
      },
      write: (text) => void (response.destroyed || response.write(text)),
      end: () => void response.end(),
      cut: () => void response.destroy(),
    };
    response.on('close', () => {
      if (hub.closed(device, sink)) presence.streamClosed(device);
    });
    const lastEventId = request.headers['last-event-id'];
    const all = revocations.all();
    const first: TrackerEvent[] = [];
    for (let at = 0; at === 0 || at < all.length; at += MOST_IN_AN_EVENT) {
      first.push({ type: 'revocations', revoked: all.slice(at, at + MOST_IN_AN_EVENT) });
    }
    hub.open(uid, device, typeof lastEventId === 'string' ? lastEventId : undefined, sink, first);
    presence.streamOpened(device);
  });
}
