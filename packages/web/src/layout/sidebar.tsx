import { Boxes, HardDriveUpload, LogOut, MonitorSmartphone, Plus, Settings } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useCommand, useLook } from '../api/commands.ts';
import { count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { countsOf, FILTERS, filterNames } from '../transfers/filters.ts';
import { useRows } from '../transfers/use-rows.ts';

export function Sidebar({ user }: { readonly user: string }) {
  const groups = useLook('list_groups', {});
  const rows = useRows();
  const logout = useCommand('logout');
  const counts = countsOf(rows ?? []);
  const mine = (groups.data?.groups ?? []).filter(({ standing }) => standing !== 'none');
  return (
    <nav aria-label="Main" className="flex w-60 shrink-0 flex-col overflow-y-auto border-r border-line bg-surface">
      <div className="flex items-center gap-2.5 px-4 pt-4 pb-2">
        <img src="/icon.svg" alt="" className="size-7" />
        <div className="min-w-0">
          <div className="leading-tight font-semibold">Peerage</div>
          <div className="truncate text-xs text-muted">{shown(user)}</div>
        </div>
      </div>
      <Heading>Transfers</Heading>
      {FILTERS.map((filter) => (
        <Entry key={filter} href={filter === 'all' ? '/transfers' : `/transfers/${filter}`} badge={counts[filter]}>
          {filterNames[filter]}
        </Entry>
      ))}
      <Heading
        action={
          <Link
            href="/groups"
            aria-label="Find or make a group"
            title="Find or make a group"
            className="rounded p-0.5 hover:bg-line/60"
          >
            <Plus size={15} aria-hidden />
          </Link>
        }
      >
        Groups
      </Heading>
      {mine.map(({ id, standing, requests }) => (
        <Entry key={id} href={`/groups/${encodeURIComponent(id)}`} badge={requests ?? 0} loud nested>
          {shown(id)}
          {standing === 'pending' ? <span className="ml-1 text-xs text-muted">asked</span> : null}
        </Entry>
      ))}
      <Entry href="/groups" icon={<Boxes size={15} aria-hidden />}>
        All groups
      </Entry>
      <Heading>This device</Heading>
      <Entry href="/shares" icon={<HardDriveUpload size={15} aria-hidden />}>
        Shares
      </Entry>
      <Entry href="/devices" icon={<MonitorSmartphone size={15} aria-hidden />}>
        Devices
      </Entry>
      <Entry href="/settings" icon={<Settings size={15} aria-hidden />}>
        Settings
      </Entry>
      <div className="flex-1" />
      <button
        type="button"
        title={commandWords('logout', {})}
        onClick={() => logout.mutate({})}
        className="m-2 flex items-center gap-2 rounded-md px-2 py-1.5 text-left text-muted hover:bg-canvas hover:text-ink"
      >
        <LogOut size={15} aria-hidden />
        Log out
      </button>
    </nav>
  );
}

const Heading = ({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) => (
  <div className="flex items-center justify-between px-4 pt-4 pb-1 text-muted">
    <h2 className="text-xs font-semibold tracking-wide uppercase">{children}</h2>
    {action}
  </div>
);

interface EntryProps {
  readonly href: string;
  readonly children: ReactNode;
  readonly icon?: ReactNode;
  readonly badge?: number;
  /** The badge asks for something to be done. */
  readonly loud?: boolean;
  /** Pages below this one are this one too. */
  readonly nested?: boolean;
}

function Entry({ href, children, icon, badge = 0, loud = false, nested = false }: EntryProps) {
  const [location] = useLocation();
  const here = location === href || (nested && location.startsWith(`${href}/`));
  return (
    <Link
      href={href}
      aria-current={here ? 'page' : undefined}
      className={`mx-2 flex items-center gap-2 rounded-md px-2 py-1.5 ${here ? 'bg-tint font-medium text-accent' : 'hover:bg-canvas'}`}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {badge > 0 ? (
        <span
          className={`rounded-full px-1.5 text-xs tabular-nums ${loud ? 'bg-accent text-on-accent' : 'text-muted'}`}
        >
          {count(badge)}
        </span>
      ) : null}
    </Link>
  );
}
