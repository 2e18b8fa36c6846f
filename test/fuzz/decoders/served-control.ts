import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_FILE, type ControlApi, type ControlEvent, ControlFile } from '@peerage/contract';
import { EventFan } from '../../../packages/client/src/control/event-fan.ts';
import { serveControl } from '../../../packages/client/src/control/http/serve-control.ts';
import type { Page } from '../../../packages/client/src/control/page/page.ts';
import { demand } from '../decoder.ts';

/** Of the page as well. */
export const INSTANCE = 'abcd';

/** A control API on loopback whose commands are `call`. `demandNoDefect` throws where it met one since it was asked last. */
export async function openServedControl(home: string, page: Page, call: (...given: never[]) => Promise<object>) {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  process.env['XDG_RUNTIME_DIR'] = home; // nothing of it is left in the user's own
  const events = new EventFan();
  const defects: unknown[] = [];
  const served = await serveControl({
    control: {
      call,
      subscribe: (listener: (event: ControlEvent) => void) => events.subscribe(listener),
    } as unknown as ControlApi,
    events,
    home,
    listen: '127.0.0.1:7000',
    log: { error: (what: unknown) => void defects.push(what) },
    page,
    instance: INSTANCE,
  });
  if (runtime === undefined) delete process.env['XDG_RUNTIME_DIR'];
  else process.env['XDG_RUNTIME_DIR'] = runtime;
  const { port, token } = ControlFile.parse(JSON.parse(readFileSync(join(home, CONTROL_FILE), 'utf8')));
  return {
    port,
    token,
    demandNoDefect(): void {
      const [defect] = defects.splice(0);
      demand(defect === undefined, `met a defect: ${String((defect as { err?: unknown })?.err ?? defect)}`);
    },
    close: () => served.close(),
  };
}
