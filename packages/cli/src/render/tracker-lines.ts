import type { ControlResult } from '@peerage/contract';
import type { Look } from './look.ts';

type Trackers = ControlResult<'trackers'>['trackers'];

/** One line a tracker, in the order of the tracker file, which numbers them. */
export const trackerLines = (trackers: Trackers, { colours }: Look): string =>
  trackers
    .map(({ address, serving, reachable, lag_ms }, index) => {
      const state = serving
        ? colours.green('serves this client')
        : reachable
          ? 'reachable'
          : colours.red('does not answer');
      return `tracker${index + 1}  ${address}  ${state}${lag_ms === null ? '' : `, ${lag_ms} ms behind`}`;
    })
    .join('\n');
