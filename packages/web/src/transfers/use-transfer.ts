import type { ControlResult } from '@peerage/contract';
import { useEffect, useRef } from 'react';
import { useLook } from '../api/commands.ts';
import type { Row } from './rows.ts';

const PACE_MS = 1000;

/** One transfer looked at closely: asked anew when an event moved its numbers, once a second at most. */
export function useTransfer({
  group,
  file,
  done,
  downRate,
  peers,
  uploaded,
  state,
}: Row): ControlResult<'show_transfer'> | undefined {
  const { data, refetch } = useLook('show_transfer', { group, file });
  const askedMs = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the numbers are what it is asked anew for
  useEffect(() => {
    const wait = Math.max(0, askedMs.current + PACE_MS - performance.now());
    const timer = setTimeout(() => {
      askedMs.current = performance.now();
      void refetch();
    }, wait);
    return () => clearTimeout(timer);
  }, [refetch, done, downRate, peers, uploaded, state]);
  return data;
}
