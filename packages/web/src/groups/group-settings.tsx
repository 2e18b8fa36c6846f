import { useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import { ShellWords, word } from '../ui/shell-words.tsx';

export function GroupSettings({ group, owner }: { readonly group: string; readonly owner: boolean }) {
  const [leaving, setLeaving] = useState(false);
  const [, go] = useLocation();
  const leave = useCommand('leave_group', ({ ended, new_owner }) => {
    if (ended) notify(`${group} has ended: you were its last member`);
    else if (new_owner) notify(`You left ${group}; ${new_owner} owns it now`);
    else notify(`You left ${group}`);
    go('/groups');
  });
  return (
    <section className="max-w-2xl rounded-lg border border-line bg-surface p-4">
      <h2 className="font-medium">Leave this group</h2>
      <p className="mt-1 mb-3 text-sm text-muted">
        You stop sharing here and can fetch nothing more.{' '}
        {owner
          ? 'The group is handed over to its longest-standing member; without other members it ends.'
          : 'To come back you ask to join again.'}
      </p>
      <Button look="danger" onClick={() => setLeaving(true)}>
        Leave {shown(group)}
      </Button>
      <Dialog
        open={leaving}
        onClose={() => setLeaving(false)}
        title={`Leave ${shown(group)}?`}
        about="Files that you have downloaded stay on your device."
      >
        <ShellWords words={`leave_group ${word(group)}`} />
        <Refusal error={leave.error} />
        <DialogActions>
          <Button onClick={() => setLeaving(false)}>Stay</Button>
          <Button look="danger" disabled={leave.isPending} onClick={() => leave.mutate({ group })}>
            Leave
          </Button>
        </DialogActions>
      </Dialog>
    </section>
  );
}
