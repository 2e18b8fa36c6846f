import { showRate } from '../render/quantities.ts';
import { trackerLines } from '../render/tracker-lines.ts';
import { command } from './command.ts';
import { limitWords } from './limit.ts';

export const status = command({
  name: 'status',
  arguments: [],
  example: 'status',
  params: () => ({}),
  render: ({ user, listen, trackers, up_rate, down_rate, limits }, _words, look) =>
    [
      `user      ${user ?? 'nobody is logged in'}`,
      `peers     listening on ${listen}`,
      `rate      down ${showRate(down_rate)}, up ${showRate(up_rate)}`,
      ...(limits && (limits.up !== null || limits.down !== null)
        ? [`limits    ${limitWords(limits)}${limits.slow ? ' (slow mode)' : ''}`]
        : []),
      trackerLines(trackers, look),
    ].join('\n'),
});
