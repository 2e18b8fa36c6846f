import { localCommand } from './command.ts';

export const exit = localCommand({
  name: 'exit',
  aliases: ['quit'],
  summary: 'leave; downloads go on at the next start',
  arguments: [],
  example: 'exit',
  leaves: true,
  answer: () => ({ result: {}, text: () => '' }),
});
