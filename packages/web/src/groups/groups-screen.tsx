import type { ControlResult } from '@peerage/contract';
import { Plus, Ticket, Users } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useCommand, useLook } from '../api/commands.ts';
import { count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { Field, Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { JoinDialog } from './join-dialog.tsx';
import { NewGroupDialog } from './new-group-dialog.tsx';

type Group = ControlResult<'list_groups'>['groups'][number];

export function GroupsScreen() {
  const groups = useLook('list_groups', {}).data?.groups;
  const [making, setMaking] = useState(false);
  const [joining, setJoining] = useState(false);
  const [search, setSearch] = useState('');
  if (!groups) return null;
  const listed = groups.filter(({ id }) => id.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase()));
  return (
    <>
      <PageHead title="Groups" about="Files are shared inside a group. Only its members see and fetch them.">
        <Button onClick={() => setJoining(true)}>
          <Ticket size={15} aria-hidden /> Join by invitation
        </Button>
        <Button look="main" onClick={() => setMaking(true)}>
          <Plus size={15} aria-hidden /> New group
        </Button>
      </PageHead>
      {groups.length === 0 ? (
        <Empty icon={<Users size={28} aria-hidden />} title="No groups yet">
          <p>Make the first one, and others can ask to join it by its name.</p>
          <Button look="main" onClick={() => setMaking(true)}>
            New group
          </Button>
        </Empty>
      ) : (
        <div className="px-4 pb-6 sm:px-6">
          <Field
            label="Find a group"
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="mb-4 max-w-sm"
          />
          <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
            {listed.map((group) => (
              <GroupLine key={group.id} group={group} />
            ))}
            {listed.length === 0 ? (
              <li className="px-4 py-6 text-center text-muted">No group has ‘{search}’ in its name.</li>
            ) : null}
          </ul>
        </div>
      )}
      {joining ? <JoinDialog onClose={() => setJoining(false)} /> : null}
      {making ? <NewGroupDialog onClose={() => setMaking(false)} /> : null}
    </>
  );
}

const standings = {
  owner: 'you own it',
  member: 'you are a member',
  pending: 'you have asked to join',
  none: '',
} as const;

function GroupLine({ group }: { readonly group: Group }) {
  const join = useCommand('join_group', () => notify(`You have asked to join ${group.id}: its owner will see it`));
  const inside = group.standing === 'owner' || group.standing === 'member';
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
      <div className="min-w-0 flex-1">
        {inside ? (
          <Link href={`/groups/${encodeURIComponent(group.id)}`} className="font-medium hover:underline">
            {shown(group.id)}
          </Link>
        ) : (
          <span className="font-medium">{shown(group.id)}</span>
        )}
        <div className="text-xs break-words text-muted">
          owned by {shown(group.owner)} · {count(group.members)} {group.members === 1 ? 'member' : 'members'}
        </div>
        <Refusal error={join.error} />
      </div>
      <span className="text-xs text-muted">{standings[group.standing]}</span>
      {group.standing === 'none' ? (
        <Button
          onClick={() => join.mutate({ group: group.id })}
          disabled={join.isPending}
          title={shown(commandWords('join_group', { group: group.id }))}
        >
          Ask to join
        </Button>
      ) : null}
    </li>
  );
}
