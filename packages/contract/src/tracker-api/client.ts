import { type ApiCallOptions, callRoute, type RouteValues, type SendApiRequest } from '../http-api/call-route.ts';
import type { RouteAnswer, RouteInput } from '../http-api/route.ts';
import { type TrackerRoutes, trackerRoutes } from './routes.ts';

export interface TrackerClient {
  /** Calls one route. Rejects with the tracker's refusal, or `protocol` for an answer that the contract does not allow. */
  call<K extends keyof TrackerRoutes>(
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
    options?: ApiCallOptions,
  ): Promise<RouteAnswer<TrackerRoutes[K]>>;
}

/** A tracker, over a transport that caps answers and rejects with `tracker_unreachable` where no HTTP answer came. */
export function createTrackerClient(send: SendApiRequest): TrackerClient {
  return {
    async call<K extends keyof TrackerRoutes>(
      name: K,
      input: RouteInput<TrackerRoutes[K]>,
      options: ApiCallOptions = {},
    ): Promise<RouteAnswer<TrackerRoutes[K]>> {
      const route = [name, trackerRoutes[name]] as const;
      return (await callRoute(send, 'tracker', route, input as RouteValues, options)) as RouteAnswer<TrackerRoutes[K]>;
    },
  };
}
