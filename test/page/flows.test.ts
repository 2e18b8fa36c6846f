import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { chromiumPath, expectAccessible, launch, noBrowser, openPage, picture } from './browser.ts';

/** Two people, each with a browser on the page of a client of their own, and a tracker. */
describe.skipIf(chromiumPath === null)(`the page${chromiumPath === null ? ` (${noBrowser})` : ''}`, () => {
  let folder: string;
  let browser: Browser;
  let tracker: TrackerProcess;
  let clients: ClientProcess[];
  let alice: Page;
  let bob: Page;
  let complaints: string[][];

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const link = (page: Page, name: string | RegExp) => page.getByRole('navigation').getByRole('link', { name });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'peerage-page-'));
    const trackerInfo = join(folder, 'tracker_info.txt');
    writeFileSync(trackerInfo, `127.0.0.1:${await freePort()}\n`);
    tracker = await TrackerProcess.start(trackerInfo, 1, join(folder, 'tracker'));
    clients = [];
    for (const name of ['alice', 'bob']) {
      const own = join(folder, name);
      mkdirSync(join(own, 'inbox'), { recursive: true });
      mkdirSync(join(own, 'photos', 'raw'), { recursive: true });
      for (const photo of ['one.jpg', 'two.jpg', 'raw/one.tif'])
        writeFileSync(join(own, 'photos', photo), photo.repeat(1000));
      writeFileSync(join(own, 'holiday film.mkv'), Buffer.alloc(3_000_000, name));
      clients.push(await ClientProcess.start(trackerInfo, join(folder, `home-${name}`), { env: { HOME: own } }));
    }
    browser = await launch();
    const opened = [await openPage(browser, clients[0]!), await openPage(browser, clients[1]!, { theme: 'dark' })];
    [alice, bob] = opened.map(({ page }) => page) as [Page, Page];
    complaints = opened.map((person) => person.complaints);
    for (const page of [alice, bob]) page.setDefaultTimeout(20_000);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(clients.map((client) => client.stop()));
    await tracker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function signUp(page: Page, name: string) {
    await button(page, 'Make an account').click();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill('correct horse');
    await button(page, 'Make the account').click();
    await page.getByRole('heading', { name: 'Transfers', level: 1 }).waitFor();
  }

  it('signs up and logs in; a wrong word is refused in a sentence', async () => {
    await expectAccessible(alice);
    await picture(alice, 'login');
    await alice.getByLabel('Name').fill('alice');
    await alice.getByLabel('Password').fill('nobody yet');
    await button(alice, 'Log in').click();
    await alice.getByRole('alert').waitFor();
    await signUp(alice, 'alice');
    await signUp(bob, 'bob');
    await picture(alice, 'transfers-empty');
    await expectAccessible(alice);
  });

  it('makes a group; who asks to join sees the answer without reloading', async () => {
    await link(alice, 'All groups').click();
    await button(alice, 'New group').first().click();
    await alice.getByLabel('Name').fill('team');
    await expectAccessible(alice);
    await picture(alice, 'new-group');
    await button(alice, 'Make the group').click();
    await alice.getByRole('heading', { name: 'team' }).waitFor();

    await link(bob, 'All groups').click();
    await button(bob, 'Ask to join').click();
    await bob.getByText('you have asked to join', { exact: true }).waitFor();
    await expectAccessible(bob);
    await picture(bob, 'groups-dark');

    await alice.getByRole('tab', { name: /Requests/ }).click();
    await button(alice, 'Accept').waitFor(); // it came by itself
    await expectAccessible(alice);
    await picture(alice, 'requests');
    await button(alice, 'Accept').click();
    await bob.getByText('you are a member').waitFor();
    await alice.getByRole('tab', { name: 'Members' }).click();
    await alice.getByRole('listitem').filter({ hasText: 'bob' }).getByText('online').waitFor();
    await alice.getByRole('tab', { name: 'Activity' }).click();
    await alice.getByText('bob joined').waitFor();
    await alice.getByText('bob asked to join').waitFor();
    await expectAccessible(alice);
    await picture(alice, 'activity');
  });

  it('invites by a line, and hands the group over', async () => {
    await link(alice, 'All groups').click();
    await button(alice, 'New group').first().click();
    await alice.getByLabel('Name').fill('crew');
    await button(alice, 'Make the group').click();
    await alice.getByRole('heading', { name: 'crew' }).waitFor();
    await alice.getByRole('tab', { name: 'Settings' }).click();
    const line = await alice.getByLabel(/^Send this line/).inputValue();
    expect(line).toBe((await clients[0]!.do('invite', 'crew')).invitation);
    await expectAccessible(alice);
    await picture(alice, 'group-settings');

    await button(bob, 'Join by invitation').click();
    await bob.getByRole('textbox', { name: 'Invitation' }).fill(`${line.slice(0, -4)}0000`);
    await bob.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
    await bob.getByRole('alert').waitFor();
    await bob.getByRole('textbox', { name: 'Invitation' }).fill(line);
    await expectAccessible(bob);
    await picture(bob, 'join-dark');
    await bob.getByRole('dialog').getByRole('button', { name: 'Ask to join' }).click();
    await bob.getByRole('dialog').waitFor({ state: 'detached' });
    await alice.getByRole('tab', { name: /Requests/ }).click();
    await button(alice, 'Accept').click();
    await link(bob, 'crew').click();
    await bob.getByText('Owned by alice').waitFor();

    await alice.getByRole('tab', { name: 'Settings' }).click();
    await button(alice, 'Hand over').click();
    await alice.getByText('hand_over crew bob').waitFor();
    await expectAccessible(alice);
    await picture(alice, 'hand-over');
    await button(alice, 'Hand it over').click();
    await alice.getByText('Owned by bob').waitFor();
    await bob.getByText('You own this group').waitFor();
    await bob.getByRole('tab', { name: 'Activity' }).click();
    await bob.getByText('bob owns the group now').waitFor();
  });

  it('shares a file by the picker, shows it to the other, who gets it', async () => {
    await link(alice, 'team').click();
    await button(alice, 'Share').first().click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByRole('button', { name: join(folder, 'alice') }).click();
    await dialog.getByRole('button', { name: /holiday film\.mkv/ }).click();
    await expectAccessible(alice);
    await picture(alice, 'share');
    await dialog.getByRole('button', { name: 'Share it' }).click();
    await alice.getByText('shared by you').waitFor();

    await link(bob, 'team').click();
    await button(bob, 'Get').click();
    const getting = bob.getByRole('dialog');
    await getting.getByRole('button', { name: join(folder, 'bob') }).click();
    await getting.getByRole('button', { name: 'inbox' }).click();
    await expectAccessible(bob);
    await picture(bob, 'get-dark');
    await getting.getByRole('button', { name: 'Get it' }).click();
    const details = bob.getByRole('region', { name: 'Details of holiday film.mkv' });
    await details.getByText('complete', { exact: true }).waitFor();
    await expectAccessible(bob);
    await picture(bob, 'details-dark');
    await details.getByRole('tab', { name: 'Sources' }).click();
    await details.getByText('alice').waitFor();
    await details.getByRole('tab', { name: 'Log' }).click();
    await details.getByText(/^holiday film\.mkv is complete: /).waitFor();
    await expectAccessible(bob);
    await picture(bob, 'details-log-dark');
    await bob.goBack();
    await details.getByRole('tab', { name: 'Sources', selected: true }).waitFor();
    const content = readFileSync(join(folder, 'alice', 'holiday film.mkv'));
    expect(readFileSync(join(folder, 'bob', 'inbox', 'holiday film.mkv')).equals(content)).toBe(true);
  });

  it('shows what is sent, who is there and what is free, as it changes', async () => {
    await link(alice, /^All \d/).click();
    const row = alice.getByRole('row').filter({ hasText: 'holiday film.mkv' });
    await button(alice, 'Choose columns').click();
    await alice.getByRole('menuitemcheckbox', { name: 'Sent' }).click();
    await alice.keyboard.press('Escape');
    await row.getByText('3 MB', { exact: true }).nth(1).waitFor(); // its size, and what was sent of it
    await alice.getByText('reachable', { exact: true }).waitFor();
    await alice.getByText(/ free$/).waitFor();
    await alice.getByText(/\d peers?$/).waitFor();
    await expectAccessible(alice);
    await picture(alice, 'transfers');
    await link(alice, 'team').click();
  });

  it('verifies what it has, and says what it found', async () => {
    await bob.keyboard.press('v');
    const dialog = bob.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Verify', exact: true }).click();
    await dialog.getByText('6 pieces read, all right.').waitFor();
    await expectAccessible(bob);
    await picture(bob, 'verify-dark');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  it('shares a file that is dropped on it', async () => {
    await button(bob, 'Close the details').click();
    await link(bob, 'team').click();
    await button(bob, 'Share').first().click();
    const dialog = bob.getByRole('dialog');
    const transfer = await bob.evaluateHandle(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['dropped content'], 'ünïcode dropped.txt'));
      return dropped;
    })()`);
    await dialog.getByText('This machine').first().dispatchEvent('drop', { dataTransfer: transfer });
    await bob.getByText('ünïcode dropped.txt', { exact: true }).waitFor();
    await alice.getByText('ünïcode dropped.txt', { exact: true }).waitFor();
  });

  it('shares a folder, of which the other gets the files that he chooses', async () => {
    await button(alice, 'Share').first().click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByRole('button', { name: join(folder, 'alice') }).click();
    await dialog.getByRole('button', { name: 'Choose the folder photos' }).click();
    await dialog.getByRole('button', { name: 'Share it' }).click();
    await alice.getByText('photos', { exact: true }).waitFor();

    await button(bob, 'Get').click();
    const getting = bob.getByRole('dialog');
    await getting.getByLabel('Some files').check();
    await getting.getByLabel(/raw\/one\.tif/).check();
    await getting.getByRole('button', { name: join(folder, 'bob') }).click();
    await getting.getByRole('button', { name: 'inbox' }).click();
    await expectAccessible(bob);
    await picture(bob, 'get-folder-dark');
    await getting.getByRole('button', { name: 'Get it' }).click();
    const details = bob.getByRole('region', { name: 'Details of photos' });
    await details.getByText('complete', { exact: true }).waitFor();
    expect(readFileSync(join(folder, 'bob/inbox/photos/raw/one.tif'), 'utf8')).toBe('raw/one.tif'.repeat(1000));
    expect(existsSync(join(folder, 'bob/inbox/photos/one.jpg'))).toBe(false);
    await details.getByRole('tab', { name: 'Files' }).click();
    await details.getByText('1 of 1 wanted files are complete; the folder has 3.').waitFor();
    await details.getByLabel(/^two\.jpg/).check();
    await expectAccessible(bob);
    await picture(bob, 'details-files-dark');
    await details.getByRole('button', { name: 'Get 1 more' }).click();
    await details.getByText('2 of 2 wanted files are complete; the folder has 3.').waitFor();
    expect(readFileSync(join(folder, 'bob/inbox/photos/two.jpg'), 'utf8')).toBe('two.jpg'.repeat(1000));
    await details.getByRole('tab', { name: 'Speed' }).click();
    await expectAccessible(bob);
    await picture(bob, 'details-speed-dark');
    await button(bob, 'Close the details').click();
  });

  it('pauses, resumes and cancels a download that waits for its seeder', async () => {
    const carol = await ClientProcess.start(join(folder, 'tracker_info.txt'), join(folder, 'home-carol'));
    writeFileSync(join(folder, 'big.bin'), Buffer.alloc(1_000_000, 1));
    await carol.do('create_user', 'carol', 'secret');
    await carol.do('login', 'carol', 'secret');
    await carol.do('join_group', 'team');
    await clients[0]!.do('accept_request', 'team', 'carol');
    await carol.do('upload_file', join(folder, 'big.bin'), 'team');
    await carol.stop();
    await link(bob, 'team').click();
    await bob.getByRole('listitem').filter({ hasText: 'big.bin' }).getByRole('button', { name: 'Get' }).click();
    const getting = bob.getByRole('dialog');
    await getting.getByRole('button', { name: join(folder, 'bob') }).click();
    await getting.getByRole('button', { name: 'Get it' }).click();
    const details = bob.getByRole('region', { name: 'Details of big.bin' });
    await details.getByText(/^waiting: /).waitFor();
    await picture(bob, 'waiting-dark');
    await expectAccessible(bob);
    await details.getByRole('button', { name: 'Pause' }).click();
    await details.getByText('paused', { exact: true }).waitFor();
    await bob.keyboard.press('r');
    await details.getByText(/^waiting: /).waitFor();
    await bob.keyboard.press('Delete');
    await bob.getByRole('dialog').getByRole('button', { name: 'Cancel the download' }).click();
    await bob.getByRole('dialog').waitFor({ state: 'detached' });
    await details.waitFor({ state: 'detached' });
  });

  it('limits one transfer and the client, and shows when the shell changes it', async () => {
    await link(bob, /^All \d/).click();
    await bob.getByText('ünïcode dropped.txt', { exact: true }).click();
    const details = bob.getByRole('region', { name: 'Details of ünïcode dropped.txt' });
    await details.getByRole('button', { name: /^More for/ }).click();
    await bob.getByRole('menuitem', { name: 'Limit its speed' }).click();
    const dialog = bob.getByRole('dialog');
    await dialog.getByLabel('Up', { exact: true }).fill('2');
    await dialog.getByText("limit up 2MB/s team 'ünïcode dropped.txt'").waitFor();
    await expectAccessible(bob);
    await picture(bob, 'limit-dark');
    await dialog.getByRole('button', { name: 'Set the limits' }).click();
    await dialog.waitFor({ state: 'detached' });
    await link(bob, 'Settings').click();
    await bob.getByLabel('Down', { exact: true }).fill('5');
    await button(bob, 'Set the limits').click();
    await bob.getByText('(at most 5 MB/s)').waitFor();
    expect(await clients[1]!.do('limit')).toMatchObject({
      down: 5_000_000,
      up: null,
      downloads: [{ group: 'team', file: 'ünïcode dropped.txt', up: 2_000_000, down: null }],
    });
    await bob.getByRole('button', { name: 'Slow', exact: true }).click();
    await bob.getByText('(at most 500 kB/s)').first().waitFor();
    await clients[1]!.do('limit', 'slow', 'off');
    await bob.getByRole('button', { name: 'Slow', exact: true, pressed: false }).waitFor();
    await clients[1]!.do('limit', 'down', 'off');
    await bob.getByText('(at most 5 MB/s)').waitFor({ state: 'detached' });
    await bob.goBack();
    await button(bob, 'Close the details').click();
  });

  it('stops sharing, and takes an entry out of the group for all', async () => {
    await link(bob, 'Shares').click();
    await picture(bob, 'shares-dark');
    await expectAccessible(bob);
    const line = bob.getByRole('listitem').filter({ hasText: 'holiday film.mkv' });
    await line.getByRole('button', { name: 'Stop sharing' }).click();
    await bob.getByRole('dialog').getByRole('button', { name: 'Stop sharing' }).click();
    await line.waitFor({ state: 'detached' });
    await link(bob, /^All \d/).click();
    await bob.getByText('holiday film.mkv', { exact: true }).click();
    const details = bob.getByRole('region', { name: 'Details of holiday film.mkv' });
    await details.getByRole('button', { name: 'Remove' }).click();
    await bob.getByLabel(/^Remove it and delete/).check();
    await bob.getByText("cancel_download team 'holiday film.mkv' --data remove").waitFor();
    await expectAccessible(bob);
    await picture(bob, 'remove-dark');
    await button(bob, 'Remove and delete 3 MB').click();
    await bob.getByRole('dialog').waitFor({ state: 'detached' }); // behind it nothing has a role
    await details.waitFor({ state: 'detached' });
    expect(existsSync(join(folder, 'bob', 'inbox', 'holiday film.mkv'))).toBe(false);
    await link(alice, 'team').click();
    await button(alice, 'More for holiday film.mkv').click();
    await alice.getByRole('menuitem', { name: 'Remove from the group' }).click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Remove for all' }).click();
    await alice.getByText('holiday film.mkv', { exact: true }).waitFor({ state: 'detached' });
  });

  it('shows devices, settings and the keys', async () => {
    await link(alice, 'Devices').click();
    await alice.getByText('(this device)').waitFor();
    await expectAccessible(alice);
    await picture(alice, 'devices');
    await link(alice, 'Settings').click();
    await expectAccessible(alice);
    await picture(alice, 'settings');
    await alice.keyboard.press('?');
    await alice.getByRole('dialog', { name: 'Keys' }).waitFor();
    await expectAccessible(alice);
    await picture(alice, 'keys');
    await alice.keyboard.press('Escape');
  });

  it('removes a member, saying what stays; the member sees it at once', async () => {
    await link(bob, 'team').click();
    await bob.getByRole('tab', { name: 'Files' }).waitFor();
    await link(alice, 'team').click();
    await alice.getByRole('tab', { name: 'Members' }).click();
    await alice.getByRole('listitem').filter({ hasText: 'bob' }).getByRole('button', { name: 'Remove' }).click();
    await alice.getByText('What has been received already stays').waitFor();
    await picture(alice, 'remove-member');
    await alice.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await bob.getByText('You are not a member of this group.').waitFor();
  });

  it('turns a request down; who asked sees it without reloading', async () => {
    await clients[1]!.do('create_group', 'den');
    await link(alice, 'All groups').click();
    await alice.getByRole('listitem').filter({ hasText: 'den' }).getByRole('button', { name: 'Ask to join' }).click();
    await link(bob, 'All groups').click();
    await link(bob, /^den/).click();
    await bob.getByRole('tab', { name: /Requests/ }).click();
    await button(bob, 'Reject').click();
    await alice.getByText('Your request to join den was turned down').waitFor();
    await bob.getByText('Nobody is waiting').waitFor();
    await link(alice, 'team').click();
  });

  it('takes a download off the list, and leaves its files', async () => {
    await link(bob, /^All \d/).click();
    await bob.getByText('photos', { exact: true }).click();
    const details = bob.getByRole('region', { name: 'Details of photos' });
    await details.getByRole('button', { name: 'Remove' }).click();
    await bob.getByLabel(/^Remove it from the list only/).check();
    await bob.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await bob.getByRole('dialog').waitFor({ state: 'detached' });
    await details.waitFor({ state: 'detached' });
    expect(existsSync(join(folder, 'bob/inbox/photos/two.jpg'))).toBe(true);
  });

  it('puts a lost device out for ever', async () => {
    const lost = await ClientProcess.start(join(folder, 'tracker_info.txt'), join(folder, 'home-lost'));
    clients.push(lost);
    await lost.do('login', 'alice', 'correct horse');
    await link(alice, 'Devices').click();
    const other = alice.getByRole('listitem').filter({ hasNotText: '(this device)', hasText: 'added' });
    await other.getByRole('button', { name: 'Revoke' }).click();
    await alice
      .getByRole('dialog')
      .getByText(/^revoke_device [0-9a-f]{32}$/)
      .waitFor();
    await alice.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await other.getByText(/revoked for ever/).waitFor();
    await link(alice, 'team').click();
  });

  it('leaves the group and logs out; Back and deep links lead where they say', async () => {
    await alice.getByRole('tab', { name: 'Settings' }).click();
    await expectAccessible(alice);
    await button(alice, 'Leave team').click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
    await alice.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    await link(alice, 'Devices').click();
    await alice.goBack();
    await alice.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    await alice.reload();
    await alice.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    await button(alice, 'Log out').click();
    await alice.getByRole('heading', { name: 'Log in to Peerage' }).waitFor();
    await alice.getByLabel('Name').fill('alice');
    await alice.getByLabel('Password').fill('correct horse');
    await button(alice, 'Log in').click();
    await alice.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
  });

  it('shows within 3 s that its tracker is gone, and heals by itself', async () => {
    await tracker.stop('SIGKILL');
    const gone = performance.now();
    await bob.getByText(/:\d+ down/).waitFor();
    expect(performance.now() - gone).toBeLessThan(3_000);
    tracker = await TrackerProcess.start(join(folder, 'tracker_info.txt'), 1, join(folder, 'tracker'));
    await bob.getByText(/:\d+ serving/).waitFor();
  });

  it('complained of nothing and asked nobody else', () => {
    expect(complaints.flat()).toEqual([]);
  });
});
