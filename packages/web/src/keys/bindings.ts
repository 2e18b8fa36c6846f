import { useEffect, useRef } from 'react';

/** Every key of the page, once: the handlers and the help page derive from it. */
export const bindings = {
  search: { keys: ['/'], says: 'search' },
  next: { keys: ['j', 'ArrowDown'], says: 'next line' },
  previous: { keys: ['k', 'ArrowUp'], says: 'line before' },
  toggle: { keys: [' '], says: 'pause or go on' },
  pause: { keys: ['p'], says: 'pause' },
  resume: { keys: ['r'], says: 'resume' },
  remove: { keys: ['Delete'], says: 'cancel or remove' },
  stop: { keys: ['x'], says: 'stop sharing' },
  verify: { keys: ['v'], says: 'verify' },
  limit: { keys: ['l'], says: 'limit the speed' },
  close: { keys: ['Escape'], says: 'close the details' },
  slow: { keys: ['s'], says: 'slow mode on or off' },
  help: { keys: ['?'], says: 'show these keys' },
} as const satisfies Record<string, { readonly keys: readonly string[]; readonly says: string }>;

export type Action = keyof typeof bindings;

/** Does what a key says while this component is there; keys typed into a field are text, keys on a button press it. */
export function useKeys(handlers: Partial<Record<Action, () => unknown>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      const typing = target.matches('input, textarea, select, [contenteditable]');
      if (typing && event.key !== 'Escape') return;
      if (document.querySelector('[role=dialog], [role=menu]')) return;
      if (event.key === ' ' && target.matches('button, a')) return;
      for (const [action, { keys }] of Object.entries(bindings)) {
        const handler = latest.current[action as Action];
        if (!handler || !(keys as readonly string[]).includes(event.key)) continue;
        event.preventDefault();
        if (typing) target.blur();
        handler();
        return;
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
