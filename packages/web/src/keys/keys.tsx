import { useState } from 'react';
import { useSlowMode } from '../limits/use-limits.ts';
import { Dialog } from '../ui/dialog.tsx';
import { bindings, useKeys } from './bindings.ts';

const names: Record<string, string> = { ' ': 'space', ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc', Delete: 'Del' };

/** `?` shows the keys, made from the bindings themselves. */
export function Keys() {
  const [open, setOpen] = useState(false);
  const slow = useSlowMode();
  useKeys({
    help: () => setOpen(true),
    search: () => document.querySelector<HTMLInputElement>('main [type=search]')?.focus(),
    slow: slow.toggle,
  });
  return (
    <Dialog open={open} onClose={() => setOpen(false)} title="Keys">
      <dl className="space-y-2">
        {Object.entries(bindings).map(([action, { keys, says }]) => (
          <div key={action} className="flex items-center gap-3">
            <dt className="flex w-24 gap-1">
              {keys.map((key) => (
                <kbd key={key} className="rounded border border-line bg-canvas px-1.5 py-0.5 font-mono text-xs">
                  {names[key] ?? key}
                </kbd>
              ))}
            </dt>
            <dd className="text-sm">{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
