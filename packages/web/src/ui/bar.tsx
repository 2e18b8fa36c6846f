import { percent } from '../format/quantities.ts';

const colours = { accent: 'bg-accent', ok: 'bg-ok', warn: 'bg-warn', bad: 'bg-bad', muted: 'bg-muted' } as const;
export type BarColour = keyof typeof colours;

export function Bar({ done, size, colour, label }: { done: number; size: number; colour: BarColour; label: string }) {
  const part = size === 0 ? 1 : done / size;
  return (
    <div className="flex items-center gap-2">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(part * 100)}
        className="h-1.5 min-w-12 flex-1 overflow-hidden rounded-full bg-line"
      >
        <div className={`h-full rounded-full ${colours[colour]}`} style={{ width: `${part * 100}%` }} />
      </div>
      <span className="w-12 text-right text-xs text-muted tabular-nums">{percent(done, size)}</span>
    </div>
  );
}
