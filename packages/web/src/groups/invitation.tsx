import { Check, Copy } from 'lucide-react';
import { useId, useState } from 'react';
import { useLook } from '../api/commands.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Refusal } from '../ui/field.tsx';

/** The line that tells somebody else where this group is. */
export function Invitation({ group }: { readonly group: string }) {
  const id = useId();
  const invite = useLook('invite', { group });
  const [copied, setCopied] = useState(false);
  const line = invite.data?.invitation;
  if (line === undefined) return <Refusal error={invite.error} />;
  const copy = async () => {
    await navigator.clipboard.writeText(line);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="space-y-3">
      <label htmlFor={id} className="block text-sm text-muted">
        Send this line to whoever should join. It says where the group is and which key its trackers have; it lets
        nobody in by itself: the owner decides.
      </label>
      <div className="flex items-start gap-2">
        <textarea
          id={id}
          readOnly
          rows={3}
          value={line}
          onFocus={(event) => event.target.select()}
          className="min-w-0 flex-1 resize-none rounded-md border border-line bg-canvas px-3 py-2 font-mono text-xs break-all"
        />
        <Button onClick={() => void copy()}>
          {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <ShellWords words={commandWords('invite', { group })} />
    </div>
  );
}
