import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../presence/addresses.ts';
import { plainHost } from '../presence/plain-host.ts';
import { exportedOf, LINK_HEADER, proofOf, senderOf } from '../replication/link-proof.ts';
import type { Replication } from '../replication/replication.ts';
import { parseSoft, SOFT_BYTES, takeSoft } from '../replication/soft-state.ts';
import { PULL_BYTES, parseMetainfoQuestion, parsePull, parseRowsQuestion } from '../replication/wire.ts';
import type { Services } from './services.ts';

/** The calls of other trackers (docs/spec/replication.md, "The link"): who does not show the cluster's secret, for this connection, is not read. */
export function registerReplicaRoutes(server: FastifyInstance, services: Services, replication: Replication): void {
  const { cluster } = replication;
  const senders = new WeakMap<FastifyRequest, number>();
  const fromTracker = {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      const exported = exportedOf(request.raw.socket as TLSSocket);
      const expected = { role: 'request', to: cluster.number } as const;
      const from = senderOf(request.headers[LINK_HEADER], cluster.secrets, expected, exported);
      const [secret] = cluster.secrets;
      if (!secret || from === undefined || from === cluster.number || from > cluster.trackers.length) {
        request.raw.resume();
        await reply.code(401).header('connection', 'close').send(REFUSED);
        return;
      }
      senders.set(request, from);
      reply.header(LINK_HEADER, proofOf(secret, { role: 'answer', from: cluster.number, to: from }, exported));
    },
  };

  server.post('/replica/pull', { ...fromTracker, bodyLimit: PULL_BYTES }, async (request, reply) => {
    const pull = parsePull(request.body);
    const answer = await replication.answerPull(senders.get(request)!, pull, (then) => reply.raw.once('close', then));
    return reply.type('application/octet-stream').send(Buffer.from(answer));
  });

  server.post('/replica/snapshot', { ...fromTracker, bodyLimit: PULL_BYTES }, async (request, reply) => {
    const page = await replication.answerRows(parseRowsQuestion(request.body).after);
    return reply.type('application/octet-stream').send(Buffer.from(page));
  });

  server.post('/replica/metainfo', { ...fromTracker, bodyLimit: PULL_BYTES }, async (request, reply) => {
    const { group, infoHash } = parseMetainfoQuestion(request.body);
    const { sizeBytes, stream } = await services.blobs.open(group, infoHash);
    return reply.type('application/octet-stream').header('content-length', sizeBytes).send(stream);
  });

  server.post('/replica/soft', { ...fromTracker, bodyLimit: SOFT_BYTES }, async (request) => {
    const isNear = isLoopback(plainHost(request.ip));
    return takeSoft(services, parseSoft(request.body), (host) => isNear || !isLoopback(host));
  });
}

const REFUSED = { code: 'protocol', message: 'this call is for the other trackers of the tracker file' };
