import { trackerLines } from '../render/tracker-lines.ts';
import { command } from './command.ts';

export const trackers = command({
  name: 'trackers',
  arguments: [],
  example: 'trackers',
  params: () => ({}),
  render: ({ trackers, conflicts }, _words, look) =>
    [
      trackerLines(trackers, look),
      ...conflicts.map(
        (name) => `'${name}' was also made on the other side of a cut, and that one keeps the name: rename yours`,
      ),
    ].join('\n'),
});
