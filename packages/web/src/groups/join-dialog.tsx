import { type FormEvent, useState } from 'react';
import { useCommand } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';

/** Asks to join the group that a line of somebody else names. */
export function JoinDialog({ onClose }: { readonly onClose: () => void }) {
  const [line, setLine] = useState('');
  const join = useCommand('join', ({ group }) => {
    notify(`You have asked to join ${shown(group)}: its owner will see it`);
    onClose();
  });
  const invitation = line.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate({ invitation });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Join by an invitation"
      about="Paste the line that a member sent you. The owner of the group then decides."
    >
      <form onSubmit={submit}>
        <Field
          label="Invitation"
          value={line}
          onChange={(event) => setLine(event.target.value)}
          placeholder="peerage1:…"
          spellCheck={false}
          autoComplete="off"
          autoFocus
          required
        />
        <Refusal error={join.error} />
        <div className="mt-4">
          <ShellWords words={commandWords('join', { invitation: invitation || 'invitation' })} />
        </div>
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button look="main" type="submit" disabled={invitation === '' || join.isPending}>
            Ask to join
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
