import { useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';

export function LeaveGroup({ group }: { readonly group: string }) {
  const [leaving, setLeaving] = useState(false);
  const [, go] = useLocation();
  const leave = useCommand('leave_group', ({ ended, new_owner }) => {
    if (ended) notify(`${group} has ended: you were its last member`);
    else if (new_owner) notify(`You left ${group}; ${new_owner} owns it now`);
    else notify(`You left ${group}`);
    go('/groups');
  });
  return (
    <>
      <Button look="danger" onClick={() => setLeaving(true)}>
        Leave {shown(group)}
      </Button>
      <Dialog
        open={leaving}
        onClose={() => setLeaving(false)}
        title={`Leave ${shown(group)}?`}
        about="Files that you have downloaded stay on your device."
      >
        <ShellWords words={commandWords('leave_group', { group })} />
        <Refusal error={leave.error} />
        <DialogActions>
          <Button onClick={() => setLeaving(false)}>Stay</Button>
          <Button look="danger" disabled={leave.isPending} onClick={() => leave.mutate({ group })}>
            Leave
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
