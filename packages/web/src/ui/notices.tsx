import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { shown as cleaned } from '../format/shown.ts';
import { IconButton } from './button.tsx';

interface Notice {
  readonly id: number;
  readonly message: string;
  readonly bad: boolean;
}

let notices: readonly Notice[] = [];
let next = 0;
const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};

/** One line for whoever looks, read out by screen readers; gone by itself unless it is bad news. */
export function notify(message: string, { bad = false } = {}): void {
  const id = next++;
  notices = [...notices, { id, message, bad }].slice(-4);
  changed();
  if (!bad) setTimeout(() => dismiss(id), 6000);
}

function dismiss(id: number): void {
  notices = notices.filter((notice) => notice.id !== id);
  changed();
}

export function Notices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-12 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2"
    >
      {shown.map(({ id, message, bad }) => (
        <div
          key={id}
          className={`pointer-events-auto flex items-start gap-2 rounded-lg border bg-raised py-2 pr-1 pl-3 text-sm shadow-lg ${bad ? 'border-bad/50' : 'border-line'}`}
        >
          <p className="min-w-0 flex-1 py-1 break-words">{cleaned(message)}</p>
          <IconButton label="Dismiss" onClick={() => dismiss(id)}>
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
