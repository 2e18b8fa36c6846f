import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';

const RUN = randomBytes(4).toString('hex');
let requests = 0;

/** The id of a request, in its answer's `x-request-id` and in each line of the log about it: this run of the tracker, and the how manieth request of it. */
export const newRequestId = (): string => RUN + (++requests).toString(16).padStart(8, '0');

/** The pattern, never the path that was asked for: a path holds ids and names. */
export const routeOf = (request: FastifyRequest): string =>
  request.routeOptions.url === undefined ? 'none' : `${request.method} ${request.routeOptions.url}`;

const refusedWith = new WeakMap<FastifyRequest, string>();

/** Notes the code that a request is refused with. */
export function noteRefusal(request: FastifyRequest, code: string): void {
  refusedWith.set(request, code);
}

/** Counts every request and gives its answer an id; what was refused gets a line in the log, what was answered one at level `debug`. */
export function observe(server: FastifyInstance, metrics: Metrics, log: Logger): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    done();
    const code = refusedWith.get(request) ?? 'ok';
    const route = routeOf(request);
    metrics.answered(route, code, reply.elapsedTime / 1_000);
    const level = code === 'ok' ? 'debug' : 'info';
    if (!log.isLevelEnabled(level)) return;
    const line = { request: request.id, route, status: reply.statusCode, code, ms: Math.round(reply.elapsedTime) };
    log[level](line, code === 'ok' ? 'answered' : 'refused');
  });
}
