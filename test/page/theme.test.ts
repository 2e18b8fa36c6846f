import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch, noBrowser, openPage } from './browser.ts';
import { PageHouse } from './page-house.ts';

describe.skipIf(chromiumPath === null)(`the theme${chromiumPath === null ? ` (${noBrowser})` : ''}`, () => {
  let house: PageHouse;
  let browser: Browser;
  beforeAll(async () => {
    house = await PageHouse.open(1, ['alice']);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  const shown = (page: Page) => page.locator('html').getAttribute('data-theme');

  it('that somebody chose is there when the client was started again, at another port', async () => {
    const { page: before, host } = await openPage(browser, house.clients[0]!);
    await before.getByRole('link', { name: 'Settings' }).click();
    expect(await shown(before)).toBe('light'); // as the system
    await before.getByLabel('Dark').check();
    expect(await shown(before)).toBe('dark');

    await house.clients[0]!.stop();
    const client = await house.startClient('alice');
    const after = await before.context().newPage();
    const { address } = await client.do('open');
    expect(new URL(address).host).not.toBe(host);
    await after.goto(address);
    await expect.poll(() => shown(after)).toBe('dark');
    await after.getByRole('link', { name: 'Settings' }).click();
    await after.getByLabel('As the system').check();
    expect(await shown(after)).toBe('light');
    expect(await after.evaluate('document.cookie')).toBe('');
  });
});
