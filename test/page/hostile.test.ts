import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, expectAccessible, launch, noBrowser, openPage, picture } from './browser.ts';
import { honestNames, hostile, localNames, makeHostile } from './hostile-names.ts';
import { PageHouse } from './page-house.ts';
import { expectTame } from './tame.ts';

/** What the page makes of names: those of all scripts that people have, and those that a lying tracker tells. */
describe.skipIf(chromiumPath === null)(`names on the page${chromiumPath === null ? ` (${noBrowser})` : ''}`, () => {
  let house: PageHouse;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  const go = async (path: string, heading: string | RegExp) => {
    await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  };

  beforeAll(async () => {
    house = await PageHouse.open(1, ['alice', 'mallory']);
    const [alice, mallory] = house.clients as [PageHouse['clients'][0], PageHouse['clients'][0]];
    await alice.do('create_group', 'mine');
    await mallory.do('create_group', 'theirs');
    await alice.do('join_group', 'theirs');
    await mallory.do('accept_request', 'theirs', 'alice');
    await mallory.do('join_group', 'mine');
    const files = join(house.filesOf('alice'), 'shared');
    mkdirSync(files);
    for (const name of honestNames) {
      writeFileSync(join(files, name), name);
      await alice.do('upload_file', join(files, name), 'mine');
    }
    for (const name of localNames) writeFileSync(join(house.filesOf('alice'), 'inbox', name), name);
    writeFileSync(join(house.filesOf('mallory'), 'honest.bin'), 'x');
    await mallory.do('upload_file', join(house.filesOf('mallory'), 'honest.bin'), 'theirs');
    await mallory.stop();
    await house.trackers[0]!.stop();
    await makeHostile(join(house.folder, 'tracker-1'), { user: 'mallory', group: 'theirs', file: 'honest.bin' });
    await house.startTracker(1);
    browser = await launch();
    const opened = await openPage(browser, alice, { width: 360 });
    ({ page, complaints } = opened);
    page.setDefaultTimeout(10_000);
    await page.getByRole('heading', { name: 'Transfers', level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  it('of all scripts are told apart and whole, in the list, on their own page, wide and on a phone', async () => {
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 760 });
      for (const name of honestNames) await page.getByText(name, { exact: true }).first().waitFor();
      await expectTame(page);
      await picture(page, `names-${width}`);
    }
    for (const name of honestNames) {
      await page.getByText(name, { exact: true }).first().click();
      await page.getByRole('region', { name: `Details of ${name}`, exact: true }).waitFor();
      await expectTame(page);
      await page.reload(); // a link to it leads there
      await page.getByRole('region', { name: `Details of ${name}`, exact: true }).waitFor();
      await page.getByRole('button', { name: 'Close the details' }).click();
    }
  });

  it('of files on this machine are text in the dialog that chooses one', async () => {
    await go('/groups/mine', 'mine');
    await page.getByRole('button', { name: 'Share' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: house.filesOf('alice') }).click();
    await dialog.getByRole('button', { name: 'inbox' }).first().click();
    await dialog.getByRole('button', { name: /harmless/ }).click();
    await expectTame(page);
    await dialog.getByRole('button', { name: 'Share it' }).click();
    await dialog.getByRole('alert').waitFor(); // such a name is none in a group, in a sentence
    await expectTame(page);
    await picture(page, 'hostile-local-name');
    await page.keyboard.press('Escape');
  });

  it.each([360, 1280])('that a lying tracker tells stay text on every screen, %s px wide', async (width) => {
    await page.setViewportSize({ width, height: 760 });
    await go('/groups', 'Groups');
    await page
      .getByText(/onerror=pwned=1>/)
      .first()
      .waitFor();
    await expectTame(page);
    await picture(page, `hostile-groups-${width}`);
    await page
      .getByRole('link', { name: /<script>pwned/ })
      .last()
      .click();
    await page
      .getByText(/svg onload=pwned/)
      .first()
      .waitFor();
    await expectTame(page);
    await expectAccessible(page);
    await picture(page, `hostile-files-${width}`);
    await page.getByRole('tab', { name: 'Members' }).click();
    await page
      .getByText(/onerror=pwned=1>/)
      .first()
      .waitFor();
    await expectTame(page);
    await go('/groups/mine/requests', 'mine');
    await page.getByRole('button', { name: 'Reject' }).waitFor();
    await expectTame(page);
    await picture(page, `hostile-requests-${width}`);
  });

  it('that a lying tracker tells are refused in a sentence where they would become a file', async () => {
    await go(`/groups/${encodeURIComponent(hostile.group)}/files`, /pwned/);
    await page.getByRole('button', { name: 'Get' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: house.filesOf('alice') }).click();
    await dialog.getByRole('button', { name: 'Get it' }).click();
    await dialog.getByRole('alert').waitFor();
    await expectTame(page);
    await picture(page, 'hostile-refusal');
    await page.keyboard.press('Escape');
    await page.goto(new URL('/groups/%E0%A4%A', page.url()).href); // no text at all
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expectTame(page);
  });

  it('complained of nothing', () => {
    expect(complaints).toEqual([]);
  });
});
