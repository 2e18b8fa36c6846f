import type { RouteTable } from '../http-api/route.ts';
import { accountRoutes } from './account-routes.ts';
import { certificateRoutes } from './certificate-routes.ts';
import { fileRoutes } from './file-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { presenceRoutes } from './presence-routes.ts';
import { serviceRoutes } from './service-routes.ts';

/** Every call of a tracker's clients, in the order of the reference. */
export const trackerRoutes = {
  ...accountRoutes,
  ...groupRoutes,
  ...fileRoutes,
  ...presenceRoutes,
  ...certificateRoutes,
  ...serviceRoutes,
} as const satisfies RouteTable;

export type TrackerRoutes = typeof trackerRoutes;
