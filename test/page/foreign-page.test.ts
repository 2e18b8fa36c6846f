import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch, noBrowser } from './browser.ts';
import { PageHouse } from './page-house.ts';

/** What a page of somebody else tries, in the browser in which the user's own page is open; each way answers what it got out of it. The functions are text: nothing else here knows a document. */
const ATTACKS = `(base) => {
  const command = base + '/v1/commands/create_group';
  const body = JSON.stringify({ group: 'stolen' });
  const got = (what) => (answer) => what + ' was answered ' + answer.type + ' ' + answer.status;
  const refused = () => 'refused';
  const within = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 3000, 'nothing came'))]);
  const element = (name, at, source) => new Promise((resolve) => {
    const made = document.createElement(name);
    made.onload = () => resolve(name + ' loaded');
    made.onerror = () => resolve('refused');
    made[at] = source;
    document.body.append(made);
  });
  const frame = () => new Promise((resolve) => {
    const made = document.createElement('iframe');
    // A refused frame holds a page of the browser itself, which nobody may look into.
    made.onload = () => {
      try { resolve(made.contentDocument.body.innerHTML === '' ? 'refused' : 'looked into the frame'); }
      catch { resolve('refused'); }
    };
    made.src = base + '/';
    document.body.append(made);
  });
  const form = () => new Promise((resolve) => {
    document.body.insertAdjacentHTML('beforeend', '<iframe name="sink"></iframe><form method="post" enctype="text/plain" target="sink"></form>');
    const made = document.querySelector('form');
    made.action = command;
    const field = document.createElement('input');
    field.name = '{"group":"stolen","x":"'; field.value = '"}';
    made.append(field);
    document.querySelector('iframe[name=sink]').onload = () => resolve('sent');
    made.submit();
  });
  const socket = () => new Promise((resolve) => {
    const made = new WebSocket(base.replace('http', 'ws') + '/v1/events');
    made.onopen = () => resolve('a socket opened');
    made.onerror = () => resolve('refused');
  });
  const events = () => new Promise((resolve) => {
    const made = new EventSource(base + '/v1/events', { withCredentials: true });
    made.onopen = made.onmessage = () => resolve('events came');
    made.onerror = () => { made.close(); resolve('refused'); };
  });
  const credentials = 'include';
  const tries = {
    read: () => fetch(base + '/v1/commands/list_groups', { method: 'POST', credentials, headers: { 'content-type': 'application/json' }, body: '{}' }).then(got('read'), refused),
    change: () => fetch(command, { method: 'POST', credentials, headers: { 'content-type': 'application/json' }, body }).then(got('change'), refused),
    withToken: () => fetch(command, { method: 'POST', credentials, headers: { 'content-type': 'application/json', authorization: 'Bearer x' }, body }).then(got('withToken'), refused),
    enter: () => fetch(base + '/page/enter', { method: 'POST', credentials, headers: { 'content-type': 'application/json' }, body: '{"code":"x"}' }).then(got('enter'), refused),
    drop: () => fetch(base + '/page/dropped/a.txt', { method: 'PUT', credentials, body: 'x' }).then(got('drop'), refused),
    readDocument: () => fetch(base + '/', { credentials }).then(got('document'), refused),
    blindRead: () => fetch(base + '/v1/events', { credentials, mode: 'no-cors' }).then(got('blind'), refused),
    beacon: async () => { navigator.sendBeacon(command, body); return 'refused'; },
    script: () => element('script', 'src', base + '/v1/events'),
    image: () => element('img', 'src', base + '/icon.svg'),
    frame, form, socket, events,
  };
  return Promise.all(Object.entries(tries).map(async ([name, attempt]) => [name, await within(attempt())])).then(Object.fromEntries);
}`;

describe.skipIf(chromiumPath === null)(
  `a page of somebody else${chromiumPath === null ? ` (${noBrowser})` : ''}`,
  () => {
    let house: PageHouse;
    let browser: Browser;
    let context: BrowserContext;
    let own: Page;
    let server: Server;
    let port: number;

    beforeAll(async () => {
      server = createServer((_, response) => {
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>Win a prize</title><body>');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
      house = await PageHouse.open(1, ['alice']);
      await house.clients[0]!.do('create_group', 'team');
      browser = await launch();
      context = await browser.newContext();
      own = await context.newPage();
      await own.goto((await house.clients[0]!.do('open')).address);
      await own.getByRole('heading', { name: 'Transfers', level: 1 }).waitFor();
    });
    afterAll(async () => {
      await browser?.close();
      await house?.close();
      server?.closeAllConnections();
      server?.close();
    });

    // The first is another site to the browser; to the second, which differs by its port alone, it sends the user's cookie.
    it.each(['localhost', '127.0.0.1'])('at %s can neither read nor change anything', async (host) => {
      const page = await context.newPage();
      await page.goto(`http://${host}:${port}/`);
      const outcomes = await page.evaluate<Record<string, string>>(
        `(${ATTACKS})(${JSON.stringify(new URL(own.url()).origin)})`,
      );
      const { form, ...rest } = outcomes;
      expect(rest).toEqual(Object.fromEntries(Object.keys(rest).map((name) => [name, 'refused'])));
      expect(form).toMatch(/^(sent|nothing came)$/); // what became of it is seen below
      const { groups } = await house.clients[0]!.do('list_groups');
      expect(groups.map(({ id }) => id)).toEqual(['team']);
      await page.close();
    });

    it('that opens the user’s page in a window of its own holds nothing of it', async () => {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      const opened = context.waitForEvent('page');
      await page.evaluate(`globalThis.victim = open(${JSON.stringify(new URL(own.url()).origin)}); undefined`);
      const victim = await opened;
      await victim.getByText('This page needs a fresh link').waitFor(); // a tab that was not let in
      // Cut off from it: to the opener the window looks closed.
      await expect.poll(() => page.evaluate('victim.closed')).toBe(true);
      await victim.close();
      await page.close();
    });

    it('has not disturbed the user’s own', async () => {
      await own.getByRole('navigation').getByRole('link', { name: 'team' }).click();
      await own.getByRole('heading', { name: 'team', level: 1 }).waitFor();
      await own.reload();
      await own.getByRole('heading', { name: 'team', level: 1 }).waitFor();
    });
  },
);
