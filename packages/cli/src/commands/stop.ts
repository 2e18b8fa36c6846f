import { command } from './command.ts';

export const stop = command({
  name: 'stop',
  arguments: [],
  example: 'stop',
  notes:
    'Ends the client itself, also where it runs in the background or other shells talk to it; exit only leaves the shell.',
  params: () => ({}),
  render: () => 'the client ends',
});
