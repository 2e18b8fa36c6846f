import { ActivityList } from '../activity/activity-list.tsx';
import { useLook } from '../api/commands.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Refusal } from '../ui/field.tsx';

/** What happened to one transfer since the client started. */
export function TransferLog({ group, file }: { readonly group: string; readonly file: string }) {
  const activity = useLook('activity', { group, file });
  if (!activity.data) return <Refusal error={activity.error} />;
  const { entries } = activity.data;
  return (
    <div className="space-y-3">
      {entries.length === 0 ? (
        <p className="text-sm text-muted">Nothing has happened to it since the client started.</p>
      ) : (
        <ActivityList entries={entries} />
      )}
      <ShellWords words={commandWords('activity', { group, file })} />
    </div>
  );
}
