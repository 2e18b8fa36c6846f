import { ArrowDown, ArrowUp, HardDrive, Turtle, Users } from 'lucide-react';
import { useLook } from '../api/commands.ts';
import { bytes, count, rate } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { useSlowMode } from '../limits/use-limits.ts';
import { commandWords } from '../shell/command-words.ts';
import { LastCommand } from '../shell/last-command.tsx';
import { isBehind, Lights } from './tracker-lights.tsx';

export function StatusBar() {
  const status = useLook('status', {}, { passing: ({ trackers }) => trackers.some(isBehind) }).data;
  const disk = useLook('disk', {}).data;
  const slow = useSlowMode();
  if (!status) return null;
  const { up, down } = status.limits ?? { up: null, down: null };
  const held = (limit: number | null) =>
    limit === null ? null : <span className="max-sm:hidden">(at most {rate(limit)})</span>;
  return (
    <footer className="flex h-8 shrink-0 items-center gap-4 overflow-x-auto border-t border-line bg-surface px-4 text-xs text-muted tabular-nums">
      <span className="flex items-center gap-1 whitespace-nowrap" title="Received now">
        <ArrowDown size={13} aria-label="down" /> {rate(status.down_rate)} {held(down)}
      </span>
      <span className="flex items-center gap-1 whitespace-nowrap" title="Sent now">
        <ArrowUp size={13} aria-label="up" /> {rate(status.up_rate)} {held(up)}
      </span>
      <button
        type="button"
        aria-pressed={slow.isOn}
        onClick={slow.toggle}
        title={`Slow mode, 500 kB/s each way: ${commandWords('limit', { change: { what: 'slow', on: !slow.isOn } })}`}
        className={`flex items-center gap-1 rounded px-1 whitespace-nowrap hover:text-ink ${slow.isOn ? 'bg-tint text-accent' : ''}`}
      >
        <Turtle size={14} aria-hidden /> Slow
      </button>
      <span
        className="flex items-center gap-1 whitespace-nowrap max-sm:hidden"
        title="Connected peers, over all transfers"
      >
        <Users size={13} aria-hidden /> {count(status.peers)} {status.peers === 1 ? 'peer' : 'peers'}
      </span>
      <span
        className="flex items-center gap-1 whitespace-nowrap max-sm:hidden"
        title={
          status.reached
            ? `Members connect to this client at ${status.listen}`
            : `No member has connected to this client yet since it started. Peers reach it at ${status.listen}; where that can't be reached, others are reached from here.`
        }
      >
        <span aria-hidden className={`size-2 rounded-full ${status.reached ? 'bg-ok' : 'bg-muted'}`} />
        {status.reached ? 'reachable' : 'not reached yet'}
      </span>
      {disk ? (
        <span
          className="flex items-center gap-1 whitespace-nowrap max-sm:hidden"
          title={`Free on the disk of ${shown(disk.folder)}`}
        >
          <HardDrive size={13} aria-hidden /> {bytes(disk.free_bytes)} free
        </span>
      ) : null}
      <span className="hidden min-w-0 flex-1 justify-end md:flex">
        <LastCommand />
      </span>
      <span className="flex-1 md:hidden" />
      <Lights trackers={status.trackers} isShort />
    </footer>
  );
}
