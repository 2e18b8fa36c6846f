import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerage } from '../../scripts/drive/peerage-process.ts';
import { debianProgram } from '../support/debian-program.ts';
import { QuietPlace } from '../support/quiet-place.ts';
import { Pane } from './pane.ts';

const tmux = debianProgram('/usr/bin/tmux', ['tmux']);
const GIB = 1024 ** 3;

/** Alice at a real terminal, bob in the background. Each test goes on where the one before ended; captures are in artefacts/terminal. */
describe.skipIf(tmux === null)(
  `sessions in a terminal${tmux === null ? ', which need tmux: it is not here and can not be installed' : ''}`,
  () => {
    let place: QuietPlace;
    let trackerInfo: string;
    let alice: Pane;
    const bob = (line: string) => place.run(['shell', '--home', place.path('bob')], { input: `${line}\n` });
    const open = (name: string, args: readonly string[], columns = 80) =>
      Pane.open(place.folder, [peerage, ...args], { env: place.env, columns, name });

    beforeAll(async () => {
      place = new QuietPlace();
      trackerInfo = await place.startTracker();
      await place.run(['client', '127.0.0.1:0', trackerInfo, '--home', place.path('bob'), '--detach']);
      await bob('create_user bob secret\nlogin bob secret');
      alice = await open('alice', ['client', '127.0.0.1:0', trackerInfo, '--home', place.path('alice')]);
    });
    afterAll(async () => {
      await alice?.close();
      await place.close();
    });

    it('asks for passwords, which are neither shown nor kept', async () => {
      await alice.shows(/^\$>$/m);
      await alice.enter('create_user alice');
      await alice.shows(/^password for the new user:$/m);
      await alice.enter('hunter2-secret');
      await alice.shows(/^password for the new user, once more:$/m);
      await alice.enter('hunter2-secret');
      await alice.shows('user alice is made');
      await alice.enter('login alice hunter2-secret');
      await alice.shows('alice@tracker1>');
      await alice.press('Up');
      await alice.shows(/^alice@tracker1> login alice$/m);
      await alice.press('C-c');
      await alice.enter('passwd');
      await alice.shows(/^present password:$/m);
      await alice.press('C-c');
      await alice.shows('(interrupted)');
      const screen = await alice.keep('passwords');
      expect(screen.match(/hunter2/g)).toHaveLength(1); // where it was typed as a word of the line
      const history = readFileSync(place.path('alice', 'history'), 'utf8');
      expect(history).toBe('create_user alice\nlogin alice\npasswd\n');
      expect(statSync(place.path('alice', 'history')).mode & 0o777).toBe(0o600);
    });

    it('prints what happens above the line being typed, and completes it', async () => {
      await alice.enter('create_group team');
      await alice.shows('group team is made');
      await alice.type('list_requests te');
      await alice.shows(/^alice@tracker1> list_requests te$/m);
      await bob('join_group team');
      await alice.shows(/^bob asks to join team: accept_request team bob\nalice@tracker1> list_requests te$/m);
      await alice.press('Tab');
      await alice.showsEnd(/list_requests team ?$/);
      await alice.press('Enter');
      await alice.shows(/^alice@tracker1> list_requests team\nUSER .*\nbob /m);
      await alice.complete('accept_request team b', 'accept_request team bob');
      await alice.press('Enter');
      await alice.shows(/^alice@tracker1> accept_request team bob\nbob is a member of team now$/m);
      await alice.enter('lst_groups');
      await alice.shows('did you mean list_groups?');
      await alice.keep('events-and-completion');
    });

    it('interrupts hashing with Ctrl-C and goes on', async () => {
      writeFileSync(place.path('a big file.bin'), '');
      truncateSync(place.path('a big file.bin'), 16 * GIB); // sparse: nothing but zeros, and takes a while
      await alice.complete('upload_file a\\ b', 'upload_file a\\ big\\ file.bin');
      await alice.enter('team');
      await alice.shows(/^hashing \d+% of 17\.2 GB \d+.* ETA .*[█░]+$/m);
      await alice.keep('hashing');
      await alice.press('C-c');
      await alice.shows('error: upload_file was interrupted (interrupted)');
      const screen = await alice.keep('hashing-interrupted');
      expect(screen).not.toMatch(/^hashing \d/m);
      await alice.enter('whoami');
      await alice.shows(/^alice on device /m);
    });

    it('watches downloads, waits for them, and Ctrl-C ends only that', async () => {
      writeFileSync(place.path('bobs film.mkv'), 'content');
      await bob(`upload_file '${place.path('bobs film.mkv')}' team`);
      await place.run(['stop', '--home', place.path('bob')]);
      await alice.enter("download_file team 'bobs film.mkv' got.mkv");
      await alice.shows('fetching [team] bobs film.mkv');
      await alice.enter('show_downloads --watch');
      await alice.shows(/^\[W\] \[team\] bobs film\.mkv 0% \(.*\)$/m);
      await alice.keep('watching');
      await alice.press('C-c');
      await alice.enter('wait');
      await alice.shows(/> wait$/m);
      await alice.press('C-c');
      await alice.shows('error: wait was interrupted (interrupted)');
      await alice.enter('exit');
      await alice.shows(/^1 download is not finished[^$]*Once\s+more\s+to\s+leave$/m);
      await alice.keep('leaving');
      expect(await place.run(['client', '--home', place.path('bob'), '--detach'])).toMatchObject({ code: 0 });
      expect((await bob('shares')).out).toContain('offered');
      await alice.shows(/^\[C\] \[team\] bobs film\.mkv -> .*got\.mkv$/m);
      expect(readFileSync(place.path('got.mkv'), 'utf8')).toBe('content');
    });

    it.each([40, 200])('fits a terminal of %d columns', async (columns) => {
      const pane = await open(`shell-${columns}`, ['shell', '--home', place.path('alice')], columns);
      try {
        await pane.shows('alice@tracker1>');
        const lines = ['list_groups', 'list_files team', 'shares', 'status', 'show_downloads', 'help'];
        for (const line of lines) {
          await pane.enter(line);
          await pane.shows(new RegExp(`> ${line}\\n(.*\\n)+alice@tracker1> ?$`));
        }
        await pane.enter('help download_file');
        const screen = await pane.shows(/example: download_file.*\n.*> ?$/s);
        await pane.keep(`columns-${columns}`);
        // No word of the program's own is cut by the edge: lines end where words do.
        expect(screen).toContain(columns === 40 ? 'team\n  owner alice' : 'GROUP  OWNER');
        await pane.enter('exit');
        expect(await pane.ended()).toBe(0);
      } finally {
        await pane.close();
      }
    });

    it('shows the trackers of an invitation and asks before it makes a home', async () => {
      await place.run(['stop', '--home', place.path('bob')]);
      const { out } = await place.run(['invite', 'team', '--home', place.path('alice')]);
      await alice.enter('exit');
      expect(await alice.ended()).toBe(0);
      await alice.keep('left');
      const pane = await open('join', ['join', out.trim(), '--home', place.path('carol')]);
      try {
        await pane.shows('go on? [y/N]');
        await pane.enter('y');
        await pane.shows(/^\$>$/m);
        await pane.enter('create_user carol');
        await pane.shows('password for the new user:');
        await pane.enter('secret');
        await pane.shows('once more:');
        await pane.enter('secret');
        await pane.enter('login carol secret');
        await pane.shows('asked to join team, as the invitation said');
        expect((await pane.keep('joining')).replaceAll('\n', ' ')).toMatch(/key +sha256:[0-9a-f]{64}/);
        await pane.press('C-d');
        expect(await pane.ended()).toBe(0);
      } finally {
        await pane.close();
      }
    });
  },
);
