import { useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand } from '../api/commands.ts';
import { commandWords } from '../shell/command-words.ts';
import { FieldDialog } from '../ui/field-dialog.tsx';

/** Makes a group, and leads there. */
export function NewGroupDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [, go] = useLocation();
  const create = useCommand('create_group', (_, { group }) => {
    onClose();
    go(`/groups/${encodeURIComponent(group)}`);
  });
  return (
    <FieldDialog
      title="New group"
      about="You become its owner: you decide who joins."
      field={{
        label: 'Name',
        value: name,
        onChange: (event) => setName(event.target.value),
        hint: '1 to 64 letters, digits, dots, dashes or underscores',
      }}
      words={commandWords('create_group', { group: name || 'name' })}
      action="Make the group"
      isDisabled={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate({ group: name })}
      onClose={onClose}
    />
  );
}
