import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { CHROMIUM, launchChromium } from '../../scripts/drive/browser.ts';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { debianProgram } from '../support/debian-program.ts';

/** Null where no browser can be had: the tests of the page are then left out. */
export const chromiumPath = debianProgram(CHROMIUM, ['chromium', 'fonts-noto-core']);
export const noBrowser = 'left out: no Chromium here, and none may be installed';

const artefacts = join(import.meta.dirname, '../../artefacts/page');
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const launch = (): Promise<Browser> => launchChromium(chromiumPath!);

export interface Look {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** The reader's language and country. */
  readonly locale?: string;
}

/** One person's browser on the page of one client. What the page logs as an error, or asks of any other host, fails the test that calls `clean`. */
export async function openPage(
  browser: Browser,
  client: ClientProcess,
  { theme = 'light', width = 1280, locale = 'en-GB' }: Look = {},
) {
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 740 : 800 },
    colorScheme: theme,
    locale,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused command is an answer that the browser reports as an error of the network; and whoever makes a network interface on this machine makes it ask anew.
    const isNone = /status of 4\d\d|ERR_NETWORK_CHANGED/.test(message.text());
    if (message.type() === 'error' && !isNone) complaints.push(message.text());
  });
  const { address } = await client.do('open');
  const { host } = new URL(address);
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.host !== host && url.protocol !== 'data:') complaints.push(`asked ${request.url()}`);
  });
  await page.goto(address);
  return { page, complaints, host, close: () => context.close() };
}

/** Keeps a picture of the screen for whoever looks through them. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(artefacts, { recursive: true });
  await page.screenshot({ path: join(artefacts, `${name}.png`) });
}

/** Fails on what shuts somebody out who uses the page by ear, by keyboard or with weak eyes (axe: serious and critical), once the screen stands still. */
export async function expectAccessible(page: Page): Promise<void> {
  // The policy of the page allows no script from elsewhere: this one comes through the debugger.
  await page.evaluate(readFileSync(axe, 'utf8'));
  await expect.poll(() => barriersOn(page), { timeout: 5_000 }).toEqual([]);
}

const barriersOn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
