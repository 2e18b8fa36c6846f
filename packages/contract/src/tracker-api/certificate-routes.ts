import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import { DerBase64, Id, Revoked, SignedRevocation, TimeMs } from '../values.ts';
import { callLimits, GroupCertificate } from './shapes.ts';

/** What members show each other, and what ends it. */
export const certificateRoutes = {
  certificates: {
    method: 'POST',
    path: '/v1/certificates',
    summary:
      "Certificates of the session's device key for groups of which the caller is a member; other groups are left out. With all issuers to be trusted and all revocations.",
    session: true,
    body: z.strictObject({ groups: z.array(Id).max(callLimits.groups) }),
    answer: z.object({
      certificates: z.array(GroupCertificate),
      /** Certificates of all trackers that issue, or did lately, but for the retired ones: DER, base64. */
      issuers: z.array(DerBase64),
      /** Certificates of those that never count again: DER, base64. */
      retiredIssuers: z.array(DerBase64),
      revoked: z.array(SignedRevocation),
      nowMs: TimeMs,
    }),
  },
  handUp: {
    method: 'POST',
    path: '/v1/revocations',
    summary:
      'Tell this tracker of revocations that another one signed; anybody may. It writes them, and what they mean for membership, login or device. Answers which of them it has now; refused at the first that is badly signed.',
    session: false,
    body: z.strictObject({ revocations: z.array(SignedRevocation).min(1).max(callLimits.revocations) }),
    answer: z.object({ has: z.array(Revoked) }),
  },
} as const satisfies RouteTable;
