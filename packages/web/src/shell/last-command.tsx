import { useSyncExternalStore } from 'react';
import { ShellWords } from './shell-words.tsx';

let last: string | null = null;
const listeners = new Set<() => void>();

/** What the page just did, as a person would type it. */
export function noteCommand(words: string): void {
  last = words;
  for (const listener of listeners) listener();
}

/** The shell's words for what was done last on this page: every button teaches its command. */
export function LastCommand() {
  const words = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => last,
  );
  return words === null ? null : <ShellWords words={words} />;
}
