import { UserMinus } from 'lucide-react';
import { useState } from 'react';
import { useCommand, useLook } from '../api/commands.ts';
import { ago, time } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';

export function GroupMembers({ group, owner }: { readonly group: string; readonly owner: boolean }) {
  const members = useLook('list_members', { group });
  const me = useLook('whoami', {}).data?.user;
  const [removing, setRemoving] = useState<string | null>(null);
  const remove = useCommand('remove_member', () => setRemoving(null));
  return (
    <>
      <Refusal error={members.error} />
      {members.data ? (
        <ul className="max-w-2xl divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {members.data.members.map(({ user, role, online, since, last_seen }) => (
            <li key={user} className="flex items-center gap-3 px-4 py-2.5">
              <span aria-hidden className={`size-2 rounded-full ${online ? 'bg-ok' : 'bg-line'}`} />
              <div className="min-w-0 flex-1">
                <div className="truncate">
                  {shown(user)}
                  {user === me ? <span className="text-muted"> (you)</span> : null}
                </div>
                <div className="text-xs text-muted">
                  {role === 'owner' ? 'owner · ' : ''}member since {time(since)}
                </div>
              </div>
              <span className="text-xs text-muted">
                {online ? 'online' : last_seen === null ? 'offline' : `last seen ${ago(last_seen)}`}
              </span>
              {owner && user !== me ? (
                <Button look="quiet" onClick={() => setRemoving(user)}>
                  <UserMinus size={14} aria-hidden /> Remove
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      <Dialog
        open={removing !== null}
        onClose={() => setRemoving(null)}
        title={`Remove ${removing ? shown(removing) : ''} from ${shown(group)}?`}
        about="Nothing new can be fetched from that moment on, and running downloads are cut. What has been received already stays on that member's devices: no program can take it back."
      >
        <ShellWords words={commandWords('remove_member', { group, user: removing ?? '' })} />
        <Refusal error={remove.error} />
        <DialogActions>
          <Button onClick={() => setRemoving(null)}>Keep</Button>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => removing && remove.mutate({ group, user: removing })}
          >
            Remove
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
