import { useCallback } from 'react';
import { useLocation } from 'wouter';

/** Leads to another address of the page; to where it is already, it does nothing, so that Back has no step to nowhere (a tab tells a click twice: as pressed, as focused). */
export function useGo(): (to: string) => void {
  const [, go] = useLocation();
  return useCallback(
    (to) => {
      if (location.pathname !== to) go(to);
    },
    [go],
  );
}
