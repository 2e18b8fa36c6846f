import type { ControlParams, ControlResult } from '@peerage/contract';
import { useCommand, useLook } from '../api/commands.ts';
import { notify } from '../ui/notices.tsx';
import { word } from '../ui/shell-words.tsx';

export type Change = NonNullable<ControlParams<'limit'>['change']>;
export type Limits = Pick<ControlResult<'limit'>, 'up' | 'down'>;
/** One transfer; null: the whole client. */
export type LimitTarget = { readonly group: string; readonly file: string } | null;

export const useLimits = (): ControlResult<'limit'> | undefined => useLook('limit', {}).data;

/** Slow mode on or off, with a word on what it does. */
export function useSlowMode(): { readonly isOn: boolean; readonly toggle: () => void } {
  const isOn = useLimits()?.slow ?? false;
  const limit = useCommand('limit', ({ slow }) => notify(slow ? 'Slow mode: 500 kB/s each way' : 'Slow mode is off'));
  return { isOn, toggle: () => limit.mutate({ change: { what: 'slow', on: !isOn } }) };
}

/** The shell's words for a change. */
export function limitWords(change: Change, target: LimitTarget): string {
  const value = change.what === 'slow' ? (change.on ? 'on' : 'off') : shellRate(change.rate);
  return `limit ${change.what} ${value}${target ? ` ${word(target.group)} ${word(target.file)}` : ''}`;
}

/** As the shell reads a rate. */
function shellRate(rate: number | null): string {
  if (rate === null) return 'off';
  return rate % 1e6 === 0 ? `${rate / 1e6}MB/s` : rate % 1e3 === 0 ? `${rate / 1e3}kB/s` : `${rate}B/s`;
}
