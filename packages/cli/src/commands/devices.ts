import { columns } from '../render/columns.ts';
import { showTime } from '../render/quantities.ts';
import { command } from './command.ts';

export const devices = command({
  name: 'devices',
  arguments: [],
  example: 'devices',
  params: () => ({}),
  render: ({ devices }, _words, look) =>
    columns(
      ['device', 'label', 'added', 'state', 'online'],
      devices.map(({ device, label, added_at, state, online, current }) => [
        device,
        label,
        showTime(added_at),
        state === 'password_needed' ? 'password needed' : state,
        current ? 'this one' : online ? 'yes' : 'no',
      ]),
      look,
    ),
});
