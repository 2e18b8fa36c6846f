import type { ReactNode } from 'react';

/** What stands where nothing is yet: what it is for, and the way to begin. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center px-6 py-16 text-center">
      <div className="mb-4 rounded-full bg-tint p-4 text-accent">{icon}</div>
      <h2 className="mb-1 text-base font-semibold">{title}</h2>
      <div className="space-y-4 text-sm text-muted">{children}</div>
    </div>
  );
}
