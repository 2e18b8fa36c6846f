import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { chromiumPath, expectAccessible, launch, noBrowser, openPage, picture } from './browser.ts';
import { PageHouse } from './page-house.ts';
import { expectTame } from './tame.ts';

const PHONE = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 800 };

/** Every screen, wide and on a phone, light and dark: kept as pictures, and asked what a picture does not say. */
describe.skipIf(chromiumPath === null)(`every screen${chromiumPath === null ? ` (${noBrowser})` : ''}`, () => {
  let house: PageHouse;
  let alice: ClientProcess;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  const button = (name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const tab = (name: string | RegExp) => page.getByRole('tab', { name }).click();

  interface Screen {
    /** Of its pictures. */
    readonly name: string;
    readonly path: string;
    /** What is there when it is. */
    readonly heading: string;
    /** What is there when all of it has come. */
    readonly shows?: string | RegExp;
    readonly before?: () => Promise<unknown>;
  }
  const screens: readonly Screen[] = [
    { name: 'transfers', path: '/transfers', heading: 'Transfers' },
    { name: 'transfers-none', path: '/transfers/error', heading: 'Errors' },
    { name: 'details-complete', path: '/transfers/all/team/complete.bin', heading: 'Transfers' },
    {
      name: 'details-speed',
      path: '/transfers/all/team/complete.bin',
      heading: 'Transfers',
      before: () => tab('Speed'),
    },
    {
      name: 'details-peers',
      path: '/transfers/all/team/complete.bin',
      heading: 'Transfers',
      before: () => tab('Peers'),
    },
    {
      name: 'details-sources',
      path: '/transfers/all/team/complete.bin',
      heading: 'Transfers',
      before: () => tab('Sources'),
    },
    { name: 'details-waiting', path: '/transfers/all/team/waiting.bin', heading: 'Transfers' },
    {
      name: 'details-log',
      path: '/transfers/all/team/complete.bin',
      heading: 'Transfers',
      before: () => tab('Log'),
    },
    {
      name: 'details-why',
      path: '/transfers/all/team/waiting.bin',
      heading: 'Transfers',
      shows: /^(nobody|carol) /,
      before: () => tab('Why'),
    },
    {
      name: 'dialog-cancel',
      path: '/transfers/all/team/waiting.bin',
      heading: 'Transfers',
      before: () => button('Cancel'),
    },
    { name: 'groups', path: '/groups', heading: 'Groups' },
    { name: 'dialog-new-group', path: '/groups', heading: 'Groups', before: () => button('New group') },
    { name: 'group-files', path: '/groups/team', heading: 'team', shows: 'photos' },
    { name: 'group-members', path: '/groups/team/members', heading: 'team' },
    { name: 'group-requests', path: '/groups/mine/requests', heading: 'mine' },
    { name: 'group-requests-none', path: '/groups/lonely/requests', heading: 'lonely' },
    { name: 'group-activity', path: '/groups/team/activity', heading: 'team' },
    { name: 'group-settings', path: '/groups/mine/settings', heading: 'mine', shows: /^Send this line/ },
    { name: 'group-unknown', path: '/groups/nobody-made-it', heading: 'nobody-made-it' },
    { name: 'dialog-share', path: '/groups/team', heading: 'team', before: () => button('Share') },
    { name: 'dialog-get', path: '/groups/team', heading: 'team', before: () => button(/^Get/) },
    { name: 'shares', path: '/shares', heading: 'Shares' },
    { name: 'devices', path: '/devices', heading: 'Devices' },
    { name: 'dialog-revoke', path: '/devices', heading: 'Devices', before: () => button('Revoke') },
    { name: 'settings', path: '/settings', heading: 'Settings' },
    { name: 'keys', path: '/settings', heading: 'Settings', before: () => page.keyboard.press('?') },
  ];

  beforeAll(async () => {
    house = await PageHouse.open(1, ['alice', 'bob', 'carol']);
    const [first, bob, carol] = house.clients as [ClientProcess, ClientProcess, ClientProcess];
    alice = first;
    const file = (who: string, name: string, bytes: number) => {
      const path = join(house.filesOf(who), name);
      writeFileSync(path, Buffer.alloc(bytes, name));
      return path;
    };
    await bob.do('create_group', 'team');
    await alice.do('create_group', 'mine');
    await alice.do('create_group', 'lonely');
    for (const [who, client] of [
      ['alice', alice],
      ['carol', carol],
    ] as const) {
      await client.do('join_group', 'team');
      await bob.do('accept_request', 'team', who);
    }
    await bob.do('join_group', 'mine');
    await bob.do('upload_file', file('bob', 'complete.bin', 3_456_000), 'team');
    await bob.do('upload_file', file('bob', 'the minutes of the meeting.txt', 700), 'team');
    await carol.do('upload_file', file('carol', 'waiting.bin', 9_000_000), 'team');
    await alice.do('upload_file', file('alice', 'measured.csv', 1_234_567), 'mine');
    const folder = join(house.filesOf('bob'), 'photos');
    mkdirSync(folder);
    for (const name of ['one.jpg', 'two.jpg']) writeFileSync(join(folder, name), name.repeat(9000));
    await bob.do('upload_file', folder, 'team');
    await alice.do('download_file', 'team', 'complete.bin', join(house.filesOf('alice'), 'inbox'));
    await alice.do('wait');
    await carol.stop();
    await alice.do('download_file', 'team', 'waiting.bin', join(house.filesOf('alice'), 'inbox'));
    browser = await launch();
    ({ page, complaints } = await openPage(browser, alice));
    page.setDefaultTimeout(10_000);
    await page.getByRole('heading', { name: 'Transfers', level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  it.each(screens)(
    '$name: legible to all, no wider than the window',
    async ({ name, path, heading, shows, before }) => {
      await page.setViewportSize(WIDE);
      await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await before?.();
      if (shows) await page.getByText(shows).first().waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const size of [WIDE, PHONE]) {
          await page.setViewportSize(size);
          await expectTame(page);
          await picture(page, `screen-${name}-${size.width}-${colorScheme}`);
        }
      }
      await expectAccessible(page);
      expect(await page.evaluate('document.getAnimations().length')).toBe(0);
      await page.keyboard.press('Escape');
    },
  );

  it('keeps a dialog’s focus in it and gives it back; what has the focus is seen', async () => {
    await page.setViewportSize(WIDE);
    await page.evaluate(`history.pushState(null, '', '/groups')`);
    const opener = page.getByRole('button', { name: 'New group' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press(step % 4 === 3 ? 'Shift+Tab' : 'Tab');
      expect(await page.evaluate(`document.activeElement.closest('[role=dialog]') !== null`)).toBe(true);
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).not.toBe('none');
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await opener.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  });

  it('brings the tab that a link leads to in sight, also on a phone', async () => {
    await page.setViewportSize(PHONE);
    await page.evaluate(`history.pushState(null, '', '/transfers/all/team/waiting.bin/why')`);
    const rightEdge = async () => {
      const box = await page.getByRole('tab', { name: 'Why', selected: true }).boundingBox();
      return box ? box.x + box.width : Number.POSITIVE_INFINITY;
    };
    await expect.poll(rightEdge, { timeout: 5_000 }).toBeLessThanOrEqual(PHONE.width);
  });

  it('opens and closes the sidebar of a phone', async () => {
    await page.setViewportSize(PHONE);
    await button('Open the sidebar');
    await page.getByRole('navigation').waitFor();
    await expectTame(page);
    await picture(page, 'screen-sidebar-360-dark');
    await page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click();
    await page.getByRole('navigation').waitFor({ state: 'hidden' });
  });

  it.each([
    ['de-DE', '1,23 MB', /\d\d\.\d\d\.20\d\d/],
    ['ar-EG', '١٫٢٣', /[٠-٩]{4}/],
  ])('tells sizes and times as a reader in %s does', async (locale, size, moment) => {
    const other = await openPage(browser, alice, { locale });
    other.page.setDefaultTimeout(10_000);
    await other.page.getByText(size).first().waitFor();
    await picture(other.page, `locale-${locale}`);
    await other.page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click();
    await other.page.getByText(moment).first().waitFor();
    expect(await other.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(other.complaints).toEqual([]);
    await other.close();
  });

  it('complained of nothing', () => {
    expect(complaints).toEqual([]);
  });
});
