import { useState } from 'react';
import { useLook } from '../api/commands.ts';
import { bytes, count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { Refusal } from '../ui/field.tsx';

/** As many as one command takes; more are chosen by patterns in the shell. */
const MOST_CHOSEN = 100;

interface Props {
  readonly group: string;
  readonly folder: string;
  /** Null: all. */
  readonly only: readonly string[] | null;
  readonly onChange: (only: readonly string[] | null) => void;
}

/** All of a folder, or some of its files. */
export function FileChoice({ group, folder, only, onChange }: Props) {
  const look = useLook('folder_files', { group, file: folder });
  const [search, setSearch] = useState('');
  const files = look.data?.files ?? [];
  const chosen = new Set(only);
  const found = files
    .filter(({ path }) => path.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase()))
    .slice(0, 500);
  const toggle = (path: string) => {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    onChange([...next]);
  };
  return (
    <fieldset className="mb-4">
      <legend className="sr-only">What to get of the folder</legend>
      <div className="mb-2 flex flex-wrap items-center gap-4 text-sm">
        <label className="flex items-center gap-2">
          <input type="radio" className="accent-accent" checked={only === null} onChange={() => onChange(null)} />
          All of it
        </label>
        <label className="flex items-center gap-2">
          <input type="radio" className="accent-accent" checked={only !== null} onChange={() => onChange([])} />
          Some files
        </label>
        {only === null ? null : (
          <span className={chosen.size > MOST_CHOSEN ? 'text-bad' : 'text-muted'}>
            {count(chosen.size)} chosen
            {chosen.size > MOST_CHOSEN ? `: at most ${MOST_CHOSEN} here, the shell takes patterns` : ''}
          </span>
        )}
      </div>
      <Refusal error={look.error} />
      {only === null ? null : (
        <div className="overflow-hidden rounded-lg border border-line">
          <input
            type="search"
            aria-label="Find files of the folder"
            placeholder="Find"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="h-9 w-full border-b border-line bg-canvas px-3 text-sm placeholder:text-muted"
          />
          <ul className="max-h-44 overflow-y-auto py-1">
            {found.map(({ path, size }) => (
              <li key={path}>
                <label className="flex items-center gap-2 px-3 py-1 hover:bg-canvas">
                  <input
                    type="checkbox"
                    className="accent-accent"
                    checked={chosen.has(path)}
                    onChange={() => toggle(path)}
                  />
                  <span className="min-w-0 flex-1 truncate" dir="auto">
                    {shown(path)}
                  </span>
                  <span className="text-xs text-muted tabular-nums">{bytes(size)}</span>
                </label>
              </li>
            ))}
            {look.data?.more ? (
              <li className="px-3 py-1 text-xs text-muted">{count(look.data.more)} more are not listed.</li>
            ) : null}
          </ul>
        </div>
      )}
    </fieldset>
  );
}
