import { useState } from 'react';
import { useCommand, useLook } from '../api/commands.ts';
import { bytes, count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import type { Row } from './rows.ts';

/** The files of a transfer; of a folder that is fetched in part, more of them can be chosen. */
export function Files({ row }: { readonly row: Row }) {
  const { group, file, download } = row;
  const look = useLook('folder_files', { group, file });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const get = useCommand('download_file', () => {
    setChosen(new Set());
    notify('The chosen files are fetched as well');
  });
  if (!look.data) return <Refusal error={look.error} />;
  const { files, more } = look.data;
  const toggle = (path: string) => {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    setChosen(next);
  };
  const counts = download?.files;
  const only = [...chosen];
  return (
    <div className="space-y-3">
      {counts ? (
        <p className="text-sm text-muted">
          {count(counts.done)} of {count(counts.chosen)} wanted files are complete; the folder has {count(counts.all)}.
        </p>
      ) : null}
      <ul className="divide-y divide-line/60 text-sm">
        {files.map(({ path, size, wanted }) => {
          const line = (
            <>
              <span className={`min-w-0 flex-1 truncate ${wanted === false ? 'text-muted' : ''}`} dir="auto">
                {shown(path)}
              </span>
              <span className="text-xs text-muted tabular-nums">{bytes(size)}</span>
            </>
          );
          return (
            <li key={path}>
              {wanted === null ? (
                <div className="flex items-center gap-2 py-1.5">{line}</div>
              ) : (
                <label className="flex items-center gap-2 py-1.5">
                  <input
                    type="checkbox"
                    className="accent-accent"
                    checked={wanted || chosen.has(path)}
                    disabled={wanted}
                    onChange={() => toggle(path)}
                  />
                  {line}
                </label>
              )}
            </li>
          );
        })}
        {more ? <li className="py-1.5 text-xs text-muted">{count(more)} more are not listed.</li> : null}
      </ul>
      {chosen.size > 0 && download ? (
        <div className="flex flex-wrap items-center gap-2">
          <ShellWords
            words={commandWords('download_file', { group, file, destination: download.destination, cwd: '/', only })}
          />
          <Button
            look="main"
            disabled={get.isPending || only.length > 100}
            onClick={() => get.mutate({ group, file, destination: download.destination, cwd: '/', only })}
          >
            Get {count(chosen.size)} more
          </Button>
        </div>
      ) : null}
      <Refusal error={get.error} />
    </div>
  );
}
