import { Activity } from 'lucide-react';
import { ActivityList } from '../activity/activity-list.tsx';
import { useLook } from '../api/commands.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Empty } from '../ui/empty.tsx';
import { Refusal } from '../ui/field.tsx';

/** What happened in the group since this client runs. */
export function GroupActivity({ group }: { readonly group: string }) {
  const activity = useLook('activity', { group });
  if (!activity.data) return <Refusal error={activity.error} />;
  const { entries } = activity.data;
  if (entries.length === 0) {
    return (
      <Empty icon={<Activity size={28} aria-hidden />} title="Quiet so far">
        <p>Who asks, joins, leaves, shares and stops appears here, as this client hears of it while it runs.</p>
      </Empty>
    );
  }
  return (
    <div className="max-w-3xl space-y-3">
      <ActivityList entries={entries} />
      <ShellWords words={commandWords('activity', { group })} />
    </div>
  );
}
