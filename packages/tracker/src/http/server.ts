import type { Server as HttpServer, RequestListener } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type Channel, openApiOf, PeerageError, type Route, trackerRoutes } from '@peerage/contract';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { OpenedSession } from '../domain/open-session.ts';
import { requestLimits } from '../limits.ts';
import { newRequestId, noteRefusal, observe, routeOf } from '../observability/observed.ts';
import { isLoopback } from '../presence/addresses.ts';
import { plainHost } from '../presence/plain-host.ts';
import { accountHandlers } from './account-handlers.ts';
import { certificateHandlers } from './certificate-handlers.ts';
import { registerEvents } from './events-route.ts';
import { fileHandlers } from './file-handlers.ts';
import { groupHandlers } from './group-handlers.ts';
import type { ByteAnswer, HandledRoute, Handlers } from './handler.ts';
import { presenceHandlers } from './presence-handlers.ts';
import { refusalOf } from './refusals.ts';
import { registerReplicaRoutes } from './replica-routes.ts';
import type { Services } from './services.ts';

const handlers: Handlers<HandledRoute> = {
  ...accountHandlers,
  ...certificateHandlers,
  ...groupHandlers,
  ...fileHandlers,
  ...presenceHandlers,
};
type AnyHandler = (services: Services, request: object) => Promise<unknown>;

/** What carries requests, and what it knows of the connection of one. */
export interface Transport {
  /** Left out where requests are injected. */
  readonly server?: Server;
  channelOf(socket: Socket): Channel;
}

/** The tracker's HTTP API: every route of the contract's table, and /openapi.json. Not listening yet. */
export function createServer(services: Services, transport: Transport): FastifyInstance {
  const { server: carrier } = transport;
  const server = Fastify({
    ...(carrier && {
      serverFactory: (onRequest: RequestListener) => carrier.on('request', onRequest) as unknown as HttpServer,
    }),
    bodyLimit: requestLimits.bodyBytes,
    genReqId: newRequestId,
    routerOptions: { maxParamLength: 12 * 1024 },
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: (_error, _request, reply: FastifyReply) =>
      void reply.code(notHttp.httpStatus).send(notHttp.toJSON()),
    clientErrorHandler: (error, socket) => refuseSocket(error.code, socket),
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  server.removeContentTypeParser('text/plain');
  observe(server, services.metrics, services.log);
  answerRefusals(server, services);
  services.lateness.guard(server);
  guard(server, services);
  const sessionOf = authenticate(server, services);

  for (const [name, route] of Object.entries(trackerRoutes as Readonly<Record<string, Route>>)) {
    if (route.answer === 'events') continue;
    const handler = handlers[name as HandledRoute] as unknown as AnyHandler;
    server.route({
      method: route.method,
      url: route.path,
      bodyLimit: name === 'heartbeat' ? requestLimits.heartbeatBytes : requestLimits.bodyBytes,
      schema: schemaOf(route),
      config: { needsSession: route.session, grows: growing.has(name) },
      handler: async (request, reply) => {
        const answer = await handler(services, {
          params: request.params,
          query: request.query,
          body: route.body === 'bytes' ? bytesOf(request) : request.body,
          session: route.session ? sessionOf(request) : undefined,
          source: sourceOf(request),
          route: name,
          channel: () => transport.channelOf(request.raw.socket),
          arrival: request.arrival,
        });
        services.lateness.tell(reply);
        if (name === 'health' && !(answer as { ok: boolean }).ok) reply.code(503);
        if (route.answer !== 'bytes') return reply.send(answer);
        const { sizeBytes, stream } = answer as ByteAnswer;
        return reply.type('application/octet-stream').header('content-length', sizeBytes).send(stream);
      },
    });
  }
  registerEvents(server, services, sessionOf);
  registerMetrics(server, services);
  if (services.replication) registerReplicaRoutes(server, services, services.replication);
  server.get('/openapi.json', async () =>
    openApiOf(trackerRoutes, { title: 'Peerage tracker API', version: services.version }),
  );
  return server;
}

/** What makes the data grow: refused while only the reserve is left. What takes rights away is not among it. */
const growing: ReadonlySet<string> = new Set<HandledRoute>(['createUser', 'createGroup', 'joinGroup', 'share']);

interface RouteConfig {
  readonly needsSession?: boolean;
  readonly grows?: boolean;
}

/** Before a byte of the body is read: whether this tracker serves at all at the moment, and has room. */
function guard(server: FastifyInstance, { readiness, space }: Services): void {
  server.addHook('onRequest', (request, _reply, done) => {
    try {
      if (request.routeOptions.url?.startsWith('/v1/')) readiness.require();
      if ((request.routeOptions.config as RouteConfig | undefined)?.grows) space.requireRoomToGrow();
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** `/metrics` on the tracker's own port is for this machine; a port for others is the operator's to open (metrics-port.ts). */
function registerMetrics(server: FastifyInstance, { metrics }: Services): void {
  server.get('/metrics', async (request, reply) => {
    if (!isLoopback(sourceOf(request))) reply.callNotFound();
    else return reply.type(metrics.contentType).send(await metrics.text());
    return reply;
  });
}

const notHttp = new PeerageError('protocol', 'the request can not be read as HTTP');

function refuseSocket(code: string, socket: Socket): void {
  const isHttp = code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!isHttp || !socket.writable) return void socket.destroy(); // a handshake that failed, or nobody is left
  const body = JSON.stringify(notHttp);
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

function schemaOf({ params, query, body, answer }: Route): object {
  return {
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(typeof body === 'object' && { body }),
    ...(typeof answer === 'object' && { response: { 200: answer } }),
  };
}

/** A connection that closed meanwhile has no address, and nobody waits for its answer. */
function sourceOf(request: FastifyRequest): string {
  const ip: string | undefined = request.ip;
  if (ip === undefined) throw new PeerageError('protocol', 'the connection was closed before its request was answered');
  return plainHost(ip);
}

function bytesOf(request: FastifyRequest): Readable {
  if (request.headers['content-type'] === 'application/octet-stream') return request.body as Readable;
  throw new PeerageError('protocol', 'metainfo is sent as application/octet-stream');
}

/** Sessions are required before a byte of the body is read; one that is known is not waited for: most are, and each wait of each request counts. */
function authenticate(server: FastifyInstance, { sessions }: Services): (request: FastifyRequest) => OpenedSession {
  const known = new WeakMap<FastifyRequest, OpenedSession>();
  server.addHook('onRequest', (request, _reply, done) => {
    const path = request.routeOptions.url;
    const needsSession = (request.routeOptions.config as RouteConfig | undefined)?.needsSession;
    if (!needsSession && path !== trackerRoutes.events.path) return done();
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const belongs = (session: OpenedSession) => {
      known.set(request, session);
      done();
    };
    const kept = sessions.kept(token);
    if (kept) belongs(kept);
    else sessions.require(token).then(belongs, done);
  });
  return (request) => known.get(request)!;
}

function answerRefusals(server: FastifyInstance, { log, lateness }: Services): void {
  server.setErrorHandler((error, request, reply) => {
    let refusal = refusalOf(error);
    if (!refusal) {
      log.error({ err: error, request: request.id, route: routeOf(request) }, 'a request failed');
      refusal = new PeerageError('internal', `a defect of the tracker: its log says more (request ${request.id})`);
    }
    noteRefusal(request, refusal.code);
    lateness.tell(reply);
    request.raw.resume(); // a body that was not read to its end is read and dropped, so that the refusal arrives
    return reply.code(refusal.httpStatus).send(refusal.toJSON());
  });
  server.setNotFoundHandler(() => {
    throw new PeerageError('protocol', 'the tracker has no such call: is the client of another version?');
  });
}
