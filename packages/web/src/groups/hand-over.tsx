import { useId, useState } from 'react';
import { useCommand, useLook } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';

/** Makes another member the owner, once that was confirmed. */
export function HandOver({ group }: { readonly group: string }) {
  const id = useId();
  const members = useLook('list_members', { group });
  const others = (members.data?.members ?? []).filter(({ role }) => role !== 'owner');
  const [chosen, setChosen] = useState('');
  const [asking, setAsking] = useState(false);
  const heir = others.some(({ user }) => user === chosen) ? chosen : (others[0]?.user ?? '');
  const handOver = useCommand('hand_over', (_, { user }) => {
    setAsking(false);
    notify(`${shown(user)} owns ${shown(group)} now; you are a member`);
  });
  if (others.length === 0) {
    return <p className="text-sm text-muted">There is no other member yet who could own the group.</p>;
  }
  return (
    <>
      <div className="flex flex-wrap items-end gap-2">
        <div>
          <label htmlFor={id} className="mb-1 block text-sm font-medium">
            New owner
          </label>
          <select
            id={id}
            value={heir}
            onChange={(event) => setChosen(event.target.value)}
            className="h-9 max-w-60 rounded-md border border-line bg-surface px-2 text-sm"
          >
            {others.map(({ user }) => (
              <option key={user} value={user}>
                {shown(user)}
              </option>
            ))}
          </select>
        </div>
        <Button className="h-9" onClick={() => setAsking(true)}>
          Hand over
        </Button>
      </div>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Hand ${shown(group)} over to ${shown(heir)}?`}
        about={`From then on ${shown(heir)} decides who joins and who has to go, also about you. You stay a member; only ${shown(heir)} can give the group back.`}
      >
        <ShellWords words={commandWords('hand_over', { group, user: heir })} />
        <Refusal error={handOver.error} />
        <DialogActions>
          <Button onClick={() => setAsking(false)}>Keep it</Button>
          <Button look="danger" disabled={handOver.isPending} onClick={() => handOver.mutate({ group, user: heir })}>
            Hand it over
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
