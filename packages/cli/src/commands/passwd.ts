import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';

export const passwd = command({
  name: 'passwd',
  arguments: [
    { key: 'current', shown: 'passwd', kind: 'password', asked: { prompt: 'present password', twice: false } },
    { key: 'next', shown: 'new_passwd', kind: 'password', asked: { prompt: 'new password', twice: true } },
  ],
  example: 'passwd',
  notes: "What is left out is asked for and not shown. The user's other sessions end.",
  params: ({ current, next }) => ({ current, next }),
  render: (result) => `the password is changed: your other devices need it at their next login${unsettled(result)}`,
});
