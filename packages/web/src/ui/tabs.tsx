import { Tabs } from 'radix-ui';
import { type ReactNode, useEffect, useRef } from 'react';

interface StripProps {
  /** What they are the parts of. */
  readonly label: string;
  /** The one that is open: it is brought in sight, since a link may lead to one that a phone has no room for. */
  readonly open: string;
  readonly children: ReactNode;
}

export function TabStrip({ label, open, children }: StripProps) {
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const bring = () => {
      const tab = strip.current?.querySelector(`[data-tab="${open}"]`);
      tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    };
    const watcher = new ResizeObserver(bring); // tells of it as it is, too
    watcher.observe(strip.current!);
    return () => watcher.disconnect();
  }, [open]);
  return (
    <Tabs.List
      ref={strip}
      aria-label={label}
      className="flex overflow-x-auto border-b border-line px-2 whitespace-nowrap sm:px-4"
    >
      {children}
    </Tabs.List>
  );
}

export const Tab = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <Tabs.Trigger
    value={name}
    data-tab={name}
    className="-mb-px scroll-mx-4 border-b-2 focus-visible:-outline-offset-2 border-transparent px-2 py-2 text-sm text-muted data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
  >
    {children}
  </Tabs.Trigger>
);
