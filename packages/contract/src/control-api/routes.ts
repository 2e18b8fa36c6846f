import type { z } from 'zod';
import type { Route, RouteTable } from '../http-api/route.ts';
import { type ControlName, controlCommands } from './commands.ts';

/** One command as an HTTP call: `POST /v1/commands/<name>`, params in, result out. */
interface CommandRoute extends Route {
  readonly method: 'POST';
  readonly body: z.ZodObject;
  readonly answer: z.ZodObject;
}

const commandRoute = (name: ControlName): CommandRoute => ({
  method: 'POST',
  path: `/v1/commands/${name}`,
  summary: controlCommands[name].summary,
  session: true,
  body: controlCommands[name].params,
  answer: controlCommands[name].result,
});

/**
 * The control API over HTTP, on loopback, with the token of the home's `control.json`: derived from the command table. Asked for as
 * `application/x-ndjson` a command answers while it runs (answer-lines.ts); a caller who goes away interrupts it.
 */
export const controlRoutes = {
  ...(Object.fromEntries(
    (Object.keys(controlCommands) as ControlName[]).map((name) => [name, commandRoute(name)]),
  ) as Readonly<Record<ControlName, CommandRoute>>),
  events: {
    method: 'GET',
    path: '/v1/events',
    summary: 'Server-sent events of this client (control-api/events.ts) with ids; last-event-id goes on where it was.',
    session: true,
    answer: 'events',
  },
} as const satisfies RouteTable;
