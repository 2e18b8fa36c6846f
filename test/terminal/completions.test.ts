import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerage } from '../../scripts/drive/peerage-process.ts';
import { debianProgram } from '../support/debian-program.ts';
import { QuietPlace } from '../support/quiet-place.ts';
import { Pane } from './pane.ts';

const tmux = debianProgram('/usr/bin/tmux', ['tmux']);

/** How each shell starts without the settings of whoever runs the tests. */
const shells = [
  {
    name: 'bash',
    command: ['bash', '--norc', '--noprofile', '-i'],
    setUp: 'eval "$(peerage completions bash)"; PS1="> "; clear; echo ready',
    quoted: /download_file team my\\ film\\'s\.mkv ?$/,
    inQuotes: /upload_file "\.\/a folder"\/$/, // the shell's own way with a folder that is the only answer
  },
  {
    name: 'zsh',
    command: ['zsh', '-f', '-i'],
    setUp: 'autoload -U compinit; compinit -D; eval "$(peerage completions zsh)"; PS1="> "; clear; echo ready',
    quoted: /download_file team my\\ film\\'s\.mkv ?$/,
    inQuotes: /upload_file "\.\/a folder\/$/,
  },
  {
    name: 'fish',
    command: ['fish', '--no-config', '-i'],
    setUp: 'function fish_prompt; echo "> "; end; peerage completions fish | source; clear; echo ready',
    quoted: /download_file team my\\ film\\'s\.mkv ?$/,
    inQuotes: /upload_file "\.\/a folder\/$/,
  },
] as const;

describe.skipIf(tmux === null)(
  `completion in the shells of a system${tmux === null ? ', which needs tmux: it is not here and can not be installed' : ''}`,
  () => {
    let place: QuietPlace;
    beforeAll(async () => {
      place = new QuietPlace();
      const trackerInfo = await place.startTracker();
      mkdirSync(place.path('files', 'a folder'), { recursive: true });
      writeFileSync(place.path('files', "my film's.mkv"), 'content');
      await place.run(['client', '127.0.0.1:0', trackerInfo, '--home', place.path('home'), '--detach']);
      const script = ['create_user alice secret', 'login alice secret', 'create_group team'];
      await place.run(['shell'], {
        input: `${script.join('\n')}\nupload_file "my film's.mkv" team\n`,
        cwd: place.path('files'),
      });
    });
    afterAll(() => place.close());

    // Which shells there are is what this system has; bash is everywhere.
    it.each(shells.filter(({ name }) => debianProgram(`/usr/bin/${name}`, [name]) !== null))(
      '$name completes commands, files of a group, and local paths with blanks',
      async (shell) => {
        const env = {
          ...place.env,
          PATH: `${dirname(peerage)}:${process.env['PATH']}`,
          HOME: place.folder,
          ZDOTDIR: place.folder,
        };
        const pane = await Pane.open(place.folder, shell.command, { env, cwd: place.path('files'), name: shell.name });
        try {
          await pane.enter(shell.setUp);
          await pane.shows(/^ready\n/m);
          await pane.complete('peerage download_f', /peerage download_file ?$/);
          await pane.complete('team my', shell.quoted);
          await pane.press('C-c');
          await pane.complete('peerage upload_file "./a', shell.inQuotes);
          expect(await pane.keep(`completion-${shell.name}`)).not.toContain('error');
        } finally {
          await pane.close();
        }
      },
    );
  },
);
