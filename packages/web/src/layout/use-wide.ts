import { useSyncExternalStore } from 'react';

const wide = matchMedia('(min-width: 768px)');

/** Whether there is room for tables. */
export const useWide = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      wide.addEventListener('change', listener);
      return () => wide.removeEventListener('change', listener);
    },
    () => wide.matches,
  );
