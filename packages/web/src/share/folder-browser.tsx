import { ChevronRight, FileText, Folder } from 'lucide-react';
import { useState } from 'react';
import { useLook } from '../api/commands.ts';
import { bytes } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { Refusal } from '../ui/field.tsx';

interface Props {
  /** What may be chosen: a folder to put things into, or anything to share. */
  readonly choose: 'folder' | 'any';
  readonly chosen: string | null;
  readonly onChoose: (path: string | null) => void;
}

/** The client's own machine, below the folders that the page may see. */
export function FolderBrowser({ choose, chosen, onChoose }: Props) {
  const [at, setAt] = useState<string | null>(null);
  const look = useLook('browse', at === null ? {} : { path: at });
  const open = (path: string | null) => {
    setAt(path);
    onChoose(choose === 'folder' ? path : null);
  };
  if (!look.data) return <Refusal error={look.error} />;
  const { path, crumbs, entries, free_bytes, more } = look.data;
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <div className="flex flex-wrap items-center gap-1 border-b border-line bg-canvas px-3 py-1.5 text-sm">
        <button type="button" className="text-accent hover:underline" onClick={() => open(null)}>
          This machine
        </button>
        {crumbs.map((crumb) => (
          <span key={crumb.path} className="flex items-center gap-1">
            <ChevronRight size={13} aria-hidden className="text-muted" />
            <button type="button" className="hover:underline" onClick={() => open(crumb.path)}>
              {shown(crumb.name)}
            </button>
          </span>
        ))}
      </div>
      <ul className="h-56 overflow-y-auto py-1">
        {entries.map((entry) => {
          const here = entry.path === chosen;
          const pick = choose === 'any' && path !== null;
          return (
            <li key={entry.path} className={`flex items-center px-1 ${here ? 'bg-tint' : ''}`}>
              <button
                type="button"
                disabled={entry.kind === 'file' && !pick}
                onClick={() => (entry.kind === 'folder' ? open(entry.path) : onChoose(entry.path))}
                className="flex min-w-0 flex-1 items-center gap-2 rounded px-2 py-1 text-left hover:bg-canvas disabled:opacity-50"
              >
                {entry.kind === 'folder' ? (
                  <Folder size={15} aria-label="folder" className="shrink-0 text-accent" />
                ) : (
                  <FileText size={15} aria-label="file" className="shrink-0 text-muted" />
                )}
                <span className="min-w-0 flex-1 truncate" dir="auto">
                  {shown(entry.name)}
                </span>
                {entry.kind === 'file' ? (
                  <span className="text-xs text-muted tabular-nums">{bytes(entry.size)}</span>
                ) : null}
              </button>
              {pick && entry.kind === 'folder' ? (
                <button
                  type="button"
                  onClick={() => onChoose(entry.path)}
                  className="rounded px-2 py-1 text-xs text-accent hover:underline"
                  aria-label={`Choose the folder ${shown(entry.name)}`}
                >
                  choose
                </button>
              ) : null}
            </li>
          );
        })}
        {entries.length === 0 ? (
          <li className="px-3 py-6 text-center text-sm text-muted">This folder is empty.</li>
        ) : null}
        {more ? (
          <li className="px-3 py-2 text-center text-xs text-muted">
            Only the first {entries.length} entries are shown.
          </li>
        ) : null}
      </ul>
      <div className="flex items-center gap-2 border-t border-line bg-canvas px-3 py-1.5 text-xs text-muted">
        <span className="min-w-0 flex-1 truncate font-mono">{shown(chosen ?? 'nothing chosen')}</span>
        {free_bytes === null ? null : <span className="whitespace-nowrap">{bytes(free_bytes)} free</span>}
      </div>
    </div>
  );
}
