import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { CONTROL_FILE } from '@peerage/contract';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { FullHouse } from './full-house.ts';
import { IN_PAGE } from './in-page.ts';

/** One tab on the full client. */
export class PageProbe {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #debugger: CDPSession;
  readonly #end: () => Promise<void>;

  private constructor(browser: Browser, page: Page, session: CDPSession, end: () => Promise<void>) {
    this.#browser = browser;
    this.#page = page;
    this.#debugger = session;
    this.#end = end;
  }

  static async open(browser: Browser, house: FullHouse): Promise<PageProbe> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(IN_PAGE);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await page.goto((await house.client.do('open')).address);
    return new PageProbe(browser, page, session, () => context.close());
  }

  firstPaint(): Promise<{ readonly openMs: number; readonly paintMs: number }> {
    return this.#page.evaluate('probe.paint()');
  }

  filter(text: string): Promise<{ readonly ms: number; readonly rows: number }> {
    return this.#page.evaluate(`probe.filter(${JSON.stringify(text)})`);
  }

  /** After garbage was collected: the JavaScript heap, and what the tab's process alone has in memory (Private_Clean + Private_Dirty), in MiB. */
  async memoryMib(): Promise<{ readonly heap: number; readonly process: number }> {
    for (let pass = 0; pass < 3; pass++) await this.#debugger.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#debugger.send('Runtime.getHeapUsage');
    return { heap: usedSize / 2 ** 20, process: (await largestTabKib(this.#browser)) / 1024 };
  }

  /** Processor seconds of the tab's main thread so far. */
  async busySeconds(): Promise<number> {
    await this.#debugger.send('Performance.enable');
    const { metrics } = await this.#debugger.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  }

  close(): Promise<void> {
    return this.#end();
  }
}

/** Private memory of the largest of the browser's tabs: the one that is looked at. */
async function largestTabKib(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => privateKib(id)));
}

function privateKib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
}

/** Bytes that one reader of the client's events receives, a second. */
export async function streamBytesPerSecond(home: string, seconds: number): Promise<number> {
  const { port, token } = JSON.parse(readFileSync(join(home, CONTROL_FILE), 'utf8')) as { port: number; token: string };
  let bytes = 0;
  const asked = get({
    host: '127.0.0.1',
    port,
    path: '/v1/events',
    agent: false,
    headers: { authorization: `Bearer ${token}` },
  });
  asked.on('response', (answer) => answer.on('data', (chunk: Buffer) => (bytes += chunk.length)));
  asked.on('error', () => undefined); // we end it
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  asked.destroy();
  return bytes / seconds;
}
