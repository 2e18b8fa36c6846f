import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { notify } from '../ui/notices.tsx';
import { LimitForm } from './limit-form.tsx';
import { useLimits, useSlowMode } from './use-limits.ts';

/** What the whole client may receive and send. */
export function ClientLimits() {
  const limits = useLimits();
  const slow = useSlowMode();
  if (!limits) return null;
  return (
    <div className="space-y-4">
      <LimitForm
        key={`${limits.down} ${limits.up}`}
        limits={limits}
        target={null}
        onDone={() => notify('The limits are set')}
      />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line pt-4">
        <label className="flex items-center gap-2">
          <input type="checkbox" className="accent-accent" checked={slow.isOn} onChange={slow.toggle} />
          Slow mode: at most 500 kB/s each way
        </label>
        <ShellWords words={commandWords('limit', { change: { what: 'slow', on: !slow.isOn } })} />
      </div>
    </div>
  );
}
