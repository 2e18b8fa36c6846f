import { callRoute, type SendApiRequest } from '../http-api/call-route.ts';
import type { ControlName, ControlParams, ControlResult } from './commands.ts';
import type { CallOptions, ControlApi } from './facade.ts';
import { controlRoutes } from './routes.ts';

/** A running client, called over a transport with the token of its home: what a one-shot command and the page use. Progress does not cross. */
export function createControlClient(send: SendApiRequest, token: string): Pick<ControlApi, 'call'> {
  return {
    async call<C extends ControlName>(
      command: C,
      params: ControlParams<C>,
      options: CallOptions = {},
    ): Promise<ControlResult<C>> {
      const given = { token, ...(options.signal ? { signal: options.signal } : {}) };
      const route = [command, controlRoutes[command]] as const;
      return (await callRoute(send, 'client', route, { body: params }, given)) as ControlResult<C>;
    },
  };
}
