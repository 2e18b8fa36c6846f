import { useState } from 'react';
import { useCommand } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { FieldDialog } from '../ui/field-dialog.tsx';
import { notify } from '../ui/notices.tsx';

/** Asks to join the group that a line of somebody else names. */
export function JoinDialog({ onClose }: { readonly onClose: () => void }) {
  const [line, setLine] = useState('');
  const join = useCommand('join', ({ group }) => {
    notify(`You have asked to join ${shown(group)}: its owner will see it`);
    onClose();
  });
  const invitation = line.trim();
  return (
    <FieldDialog
      title="Join by an invitation"
      about="Paste the line that a member sent you. The owner of the group then decides."
      field={{
        label: 'Invitation',
        value: line,
        onChange: (event) => setLine(event.target.value),
        placeholder: 'peerage1:…',
        spellCheck: false,
        autoComplete: 'off',
      }}
      words={commandWords('join', { invitation: invitation || 'invitation' })}
      action="Ask to join"
      isDisabled={invitation === '' || join.isPending}
      error={join.error}
      onSubmit={() => join.mutate({ invitation })}
      onClose={onClose}
    />
  );
}
