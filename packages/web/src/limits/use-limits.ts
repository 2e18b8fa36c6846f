import type { ControlParams, ControlResult } from '@peerage/contract';
import { useCommand, useLook } from '../api/commands.ts';
import { notify } from '../ui/notices.tsx';

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
