import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';

export const revokeDevice = command({
  name: 'revoke_device',
  arguments: [{ key: 'device', shown: 'device', kind: 'device' }],
  example: 'revoke_device 3fa9',
  notes: 'It is out at once and for ever. devices lists them.',
  params: ({ device }) => ({ device }),
  render: (result, { device }) => `device ${device} is out for ever${unsettled(result)}`,
});
