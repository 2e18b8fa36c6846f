import { Menu as MenuIcon } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { IconButton } from '../ui/button.tsx';
import { Sidebar } from './sidebar.tsx';
import { StatusBar } from './status-bar.tsx';

/** Sidebar, the screen, status bar; on a phone the sidebar slides over the screen. */
export function Frame({ user, children }: { readonly user: string; readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const [location] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen closes the sidebar
  useEffect(() => setOpen(false), [location]);
  return (
    <div className="flex h-full flex-col">
      <div className="flex min-h-0 flex-1">
        <div className={`${open ? 'fixed inset-0 z-30 flex' : 'hidden'} md:static md:flex`}>
          <Sidebar user={user} />
          <button
            type="button"
            aria-label="Close the sidebar"
            className="flex-1 bg-black/40 md:hidden"
            onClick={() => setOpen(false)}
          />
        </div>
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="flex items-center gap-2 border-b border-line bg-surface px-2 py-1 md:hidden">
            <IconButton label="Open the sidebar" onClick={() => setOpen(true)}>
              <MenuIcon size={18} aria-hidden />
            </IconButton>
            <span className="font-semibold">Peerage</span>
          </div>
          <main className="min-h-0 flex-1 overflow-y-auto">{children}</main>
        </div>
      </div>
      <StatusBar />
    </div>
  );
}
