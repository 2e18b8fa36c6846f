import { trackerLines } from '../render/tracker-lines.ts';
import { command } from './command.ts';

export const trackers = command({
  name: 'trackers',
  arguments: [],
  example: 'trackers',
  params: () => ({}),
  render: ({ trackers }, _words, look) => trackerLines(trackers, look),
});
