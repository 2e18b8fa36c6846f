import { Check, Copy, Terminal } from 'lucide-react';
import { useState } from 'react';

/** The shell's command that does the same as the button beside it. */
export function ShellWords({ words }: { readonly words: string }) {
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
