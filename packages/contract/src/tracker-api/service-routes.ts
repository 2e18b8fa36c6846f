import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import { ShownName, TrackerPin } from '../values.ts';

/** The tracker itself: what happens there, its others, its key, how it is. */
export const serviceRoutes = {
  events: {
    method: 'GET',
    path: '/v1/events',
    summary:
      'Server-sent events for this session (tracker-api/events.ts), numbered; a comment line every 5 s. `Last-Event-ID` resumes, or answers `resync`.',
    session: true,
    answer: 'events',
  },
  trackers: {
    method: 'GET',
    path: '/v1/trackers',
    summary:
      "How the other trackers follow this one, by their number in the tracker file, and which names of the caller (the account's, those of groups) were lost to the other side of a cut.",
    session: true,
    answer: z.object({
      /** Null: it replicates with nobody. */
      number: z.int().positive().nullable(),
      peers: z.array(
        z.object({
          number: z.int().positive(),
          state: z.enum(['following', 'unreachable', 'refused']),
          /** For how long it has not had all that is here; 0 when it has. */
          lagMs: z.number().nonnegative(),
        }),
      ),
      conflicts: z.array(ShownName),
    }),
  },
  trackerKey: {
    method: 'GET',
    path: '/v1/tracker-key',
    summary:
      'The key of another listed tracker, for who knows the key of this one: what its port showed on the connection on which it proved the cluster secret. Null: that address is no other tracker of the file, or it has not been met.',
    session: false,
    query: z.object({ address: z.string().min(3).max(300) }),
    answer: z.object({ pin: TrackerPin.nullable() }),
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether this tracker can write.',
    session: false,
    answer: z.object({ ok: z.boolean(), version: z.string() }),
  },
} as const satisfies RouteTable;
