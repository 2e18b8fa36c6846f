import { UserPlus } from 'lucide-react';
import { useCommand, useLook } from '../api/commands.ts';
import { time } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';

export function GroupRequests({ group }: { readonly group: string }) {
  const requests = useLook('list_requests', { group });
  const accept = useCommand('accept_request', (_, { user }) => notify(`${user} is a member of ${group} now`));
  const reject = useCommand('reject_request', (_, { user }) => notify(`The request of ${user} is turned down`));
  const busy = accept.isPending || reject.isPending;
  if (!requests.data) return <Refusal error={requests.error} />;
  if (requests.data.requests.length === 0) {
    return (
      <Empty icon={<UserPlus size={28} aria-hidden />} title="Nobody is waiting">
        <p>
          Whoever wants to join finds <b>{shown(group)}</b> under All groups and asks. You decide here.
        </p>
      </Empty>
    );
  }
  return (
    <>
      <ul className="max-w-2xl divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        {requests.data.requests.map(({ user, requested_at }) => (
          <li key={user} className="flex flex-wrap items-center gap-2 px-4 py-2.5">
            <div className="min-w-0 flex-1">
              <div className="truncate font-medium">{shown(user)}</div>
              <div className="text-xs text-muted">asked {time(requested_at)}</div>
            </div>
            <Button
              disabled={busy}
              title={shown(commandWords('reject_request', { group, user }))}
              onClick={() => reject.mutate({ group, user })}
            >
              Reject
            </Button>
            <Button
              look="main"
              disabled={busy}
              title={shown(commandWords('accept_request', { group, user }))}
              onClick={() => accept.mutate({ group, user })}
            >
              Accept
            </Button>
          </li>
        ))}
      </ul>
      <Refusal error={accept.error ?? reject.error} />
    </>
  );
}
