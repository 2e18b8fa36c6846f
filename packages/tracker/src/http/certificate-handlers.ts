import { asking, type Handlers } from './handler.ts';

export const certificateHandlers: Handlers<'certificates' | 'handUp'> = {
  async certificates({ writer, issuer, revocations, nowMs }, request) {
    const timeMs = nowMs();
    await issuer.prepare(timeMs);
    const facts = await writer.run(
      'certifiable',
      { gids: request.body.groups, trustMs: issuer.trustMs },
      asking(request),
    );
    const { uid: user, device } = request.session;
    const certificates = facts.memberships.map(async ({ gid: group, application, labelKey }) => {
      const membership = { group, user, device, application, login: facts.login };
      const issued = await issuer.issue(facts.publicKey, membership, timeMs);
      return { ...issued, group, certificate: issued.certificate.toString('base64'), labelKey };
    });
    return {
      certificates: await Promise.all(certificates),
      issuers: [...facts.issuers],
      retiredIssuers: [...facts.retired],
      revoked: revocations.all(),
      nowMs: nowMs(),
    };
  },

  async handUp({ revocations, nowMs }, { body }) {
    return { has: await revocations.take(body.revocations, nowMs()) };
  },
};
