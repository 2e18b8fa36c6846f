import { Check, Copy, Terminal } from 'lucide-react';
import { useState } from 'react';
import { shown } from '../format/shown.ts';

/** The shell's command that does the same as the button beside it. No name that could be meant has characters that can't be seen: none are pasted into a terminal. */
export function ShellWords(props: { readonly words: string }) {
  const words = shown(props.words);
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      title="Copy the shell command that does the same"
      onClick={() => {
        void navigator.clipboard?.writeText(words).then(() => {
          setCopied(true);
          setTimeout(() => setCopied(false), 1500);
        });
      }}
      className="flex max-w-full items-center gap-2 rounded-md bg-canvas px-2.5 py-1.5 text-left text-muted hover:text-ink"
    >
      <Terminal size={13} aria-hidden className="shrink-0" />
      <code className="min-w-0 truncate font-mono text-xs">{words}</code>
      {copied ? <Check size={13} aria-label="copied" /> : <Copy size={13} aria-hidden className="shrink-0" />}
    </button>
  );
}
