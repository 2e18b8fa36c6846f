import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';

export const join = command({
  name: 'join',
  arguments: [{ key: 'invitation', shown: 'invitation', kind: 'invitation' }],
  example: 'join peerage1:dGVhbQoxMjM0…',
  notes:
    "In a shell for a group of this client's trackers. Called as peerage join where no client has them, it makes a home for them, after showing their addresses and keys and asking, and opens its shell.",
  params: ({ invitation }) => ({ invitation }),
  render: (result) =>
    result.asked
      ? `asked to join ${result.group}: its owner decides${unsettled(result)}`
      : `log in (login <user_id>) or make an account (create_user <user_id>): then the request to join ${result.group} goes out by itself`,
});
