import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';

export const logout = command({
  name: 'logout',
  arguments: [],
  example: 'logout',
  params: () => ({}),
  render: (result) => `logged out: nothing is shared or fetched until the next login${unsettled(result)}`,
});
