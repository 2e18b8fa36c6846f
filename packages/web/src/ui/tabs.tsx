import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';

export const Tab = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <Tabs.Trigger
    value={name}
    className="-mb-px border-b-2 focus-visible:-outline-offset-2 border-transparent py-2 text-sm text-muted data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
  >
    {children}
  </Tabs.Trigger>
);
