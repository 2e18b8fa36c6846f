import type { ActivityEntry } from '@peerage/contract';
import { exactTime } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';

const bad: ReadonlySet<ActivityEntry['what']> = new Set(['failed', 'problem', 'banned']);

/** What happened, newest first, with its time. */
export const ActivityList = ({ entries }: { readonly entries: readonly ActivityEntry[] }) => (
  <ol className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
    {entries.map(({ at, what, message }, place) => (
      <li
        // biome-ignore lint/suspicious/noArrayIndexKey: two entries may be alike in all they say
        key={`${at} ${entries.length - place}`}
        className="flex flex-wrap items-baseline gap-x-4 px-4 py-2 text-sm"
      >
        <time dateTime={new Date(at).toISOString()} className="w-44 shrink-0 text-xs text-muted tabular-nums">
          {exactTime(at)}
        </time>
        <span className={`min-w-0 flex-1 basis-60 break-words ${bad.has(what) ? 'text-bad' : ''}`}>
          {shown(message)}
        </span>
      </li>
    ))}
  </ol>
);
