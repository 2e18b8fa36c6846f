import { PeerageError } from '@peerage/contract';
import { showCount } from '../render/quantities.ts';
import { command } from './command.ts';

/** Timers hold 31 bits of milliseconds. */
const LONGEST_SECONDS = 2_147_483;

function timeoutMs(seconds: string): number {
  const value = /^\d+(\.\d+)?$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (!(value <= LONGEST_SECONDS)) {
    throw new PeerageError('usage', `--timeout needs seconds, 0 to ${LONGEST_SECONDS}: wait --timeout 60`);
  }
  return Math.round(value * 1000);
}

export const wait = command({
  name: 'wait',
  arguments: [],
  options: [{ key: 'timeout', value: 'S', kind: 'seconds', meaning: 'fail with timeout after S seconds' }],
  example: 'wait --timeout 60',
  notes: 'Paused downloads are ignored; a failed one makes it fail with the same code.',
  params: ({ timeout }) => (timeout === undefined ? {} : { timeoutMs: timeoutMs(timeout) }),
  render: ({ completed, failed }) =>
    `${showCount(completed, 'download')} complete${failed > 0 ? `, ${failed} failed` : ''}`,
});
