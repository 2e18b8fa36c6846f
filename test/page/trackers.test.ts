import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, expectAccessible, launch, noBrowser, openPage, picture } from './browser.ts';
import { PageHouse } from './page-house.ts';

const PROMISE_MS = 3_000;

/** What the page shows of trackers that are killed: one of two, as `npm start` starts them, and then both. */
describe.skipIf(chromiumPath === null)(`trackers on the page${chromiumPath === null ? ` (${noBrowser})` : ''}`, () => {
  let house: PageHouse;
  let browser: Browser;
  let page: Page;

  const light = (number: number, words: RegExp) =>
    page
      .getByRole('contentinfo')
      .getByText(new RegExp(`^127\\.0\\.0\\.1:${house.trackers[number - 1]!.port} ${words.source}$`));
  const serving = async (): Promise<number> => {
    const { trackers } = await house.clients[0]!.do('trackers');
    return trackers.findIndex((tracker) => tracker.serving) + 1;
  };
  /** Kills it, and waits until the page says so; answers after how many milliseconds. */
  const killed = async (number: number): Promise<number> => {
    await house.trackers[number - 1]!.stop('SIGKILL');
    const goneMs = performance.now();
    await light(number, /down/).waitFor();
    return performance.now() - goneMs;
  };

  beforeAll(async () => {
    house = await PageHouse.open(2, ['alice']);
    browser = await launch();
    ({ page } = await openPage(browser, house.clients[0]!));
    page.setDefaultTimeout(20_000);
    await light(await serving(), /serving/).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  it('a killed one shows within 3 s; the other serves, and everything can be done', async () => {
    const first = await serving();
    const other = 3 - first;
    expect(await killed(first)).toBeLessThan(PROMISE_MS);
    await light(other, /serving/).waitFor();
    await picture(page, 'one-of-two-trackers-down');
    await page.getByRole('navigation').getByRole('link', { name: 'All groups' }).click();
    await page.getByRole('button', { name: 'New group' }).first().click();
    await page.getByLabel('Name').fill('meanwhile');
    await page.getByRole('button', { name: 'Make the group' }).click();
    await page.getByRole('heading', { name: 'meanwhile', level: 1 }).waitFor();
    await house.startTracker(first);
    await light(first, /(serving|in sync)/).waitFor(); // by itself
  });

  it('one that does not serve shows within 3 s too, and heals by itself', async () => {
    const other = 3 - (await serving());
    expect(await killed(other)).toBeLessThan(PROMISE_MS);
    await house.startTracker(other);
    await light(other, /(serving|in sync)/).waitFor();
  });

  it('with none the page says so within 3 s, and goes on when one is back', async () => {
    const one = await serving();
    await house.trackers[2 - one]!.stop('SIGKILL');
    expect(await killed(one)).toBeLessThan(PROMISE_MS);
    await light(3 - one, /down/).waitFor();
    await expectAccessible(page);
    await picture(page, 'no-tracker');
    await house.startTracker(one);
    await light(one, /serving/).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'meanwhile', level: 1 }).waitFor();
  });
});
