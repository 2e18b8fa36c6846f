import { command } from './command.ts';

export const whoami = command({
  name: 'whoami',
  arguments: [],
  example: 'whoami',
  params: () => ({}),
  render: ({ user, device }) =>
    user === null ? 'nobody is logged in' : `${user}${device ? ` on device ${device}` : ''}`,
});
