import { spawn } from 'node:child_process';
import { command } from './command.ts';

/** Asks the system to show the file; resolves to whether it has a way to. */
function show(file: string): Promise<boolean> {
  const [program, hasScreen] =
    process.platform === 'darwin'
      ? ['open', true]
      : ['xdg-open', Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])];
  if (!hasScreen) return Promise.resolve(false);
  return new Promise((resolve) => {
    const opener = spawn(program, [file], { stdio: 'ignore', detached: true });
    opener.once('error', () => resolve(false)); // no such program here: the address is shown all the same
    opener.once('spawn', () => {
      opener.unref();
      resolve(true);
    });
  });
}

export const open = command({
  name: 'open',
  arguments: [],
  example: 'open',
  notes: 'The address works once and for half a minute, so that nobody else on this machine can use it.',
  params: () => ({}),
  follow: async (result) => {
    await show(result.file);
    return result;
  },
  render: ({ address }) => `the page, once and for half a minute: ${address}`,
});
