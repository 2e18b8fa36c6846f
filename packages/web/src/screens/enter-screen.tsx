import { KeyRound } from 'lucide-react';
import { Empty } from '../ui/empty.tsx';

/** Shown to whoever has no secret for this client: how to come in. */
export const EnterScreen = () => (
  <main className="flex h-full items-center justify-center">
    <Empty icon={<KeyRound size={28} aria-hidden />} title="This page needs a fresh link">
      <p>
        Links to this page work once and for half a minute, so that nobody else on this machine can use them. Make a new
        one in a terminal:
      </p>
      <code className="block rounded-md border border-line bg-surface px-4 py-2 font-mono text-ink">peerage open</code>
    </Empty>
  </main>
);
