import type { VisibilityState } from '@tanstack/react-table';
import { ArrowDownUp, Search } from 'lucide-react';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useKeys } from '../keys/bindings.ts';
import { addressParts } from '../layout/address.ts';
import { useGo } from '../layout/use-go.ts';
import { useWide } from '../layout/use-wide.ts';
import { Empty } from '../ui/empty.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { type Asked, canRemove, TransferDialog, useTransferCommands } from './actions.tsx';
import { TransferCards } from './cards.tsx';
import { ColumnChoice } from './column-choice.tsx';
import { Details } from './details.tsx';
import { belongs, type Filter, filterNames, holds, isFilter, prepareSearch } from './filters.ts';
import type { Row } from './rows.ts';
import { TransfersTable } from './table.tsx';
import { addressOf, keyOf } from './transfer-key.ts';
import { useRows } from './use-rows.ts';

/** Narrower windows have room for one column less, if the state is to be read in words. */
const ROOMY_PX = 1400;

export function TransfersScreen() {
  const go = useGo();
  const [, inFilter, inGroup, named, tab] = addressParts();
  const filter: Filter = isFilter(inFilter) ? inFilter : 'all';
  const selected = inGroup && named ? keyOf(inGroup, named) : null;
  const rows = useRows();
  const [search, setSearch] = useState('');
  const sought = useDeferredValue(search.trim().toLowerCase());
  const [visibility, setVisibility] = useState<VisibilityState>(() => ({ uploaded: innerWidth >= ROOMY_PX }));
  const [asking, setAsking] = useState<{ row: Row; asked: Asked } | null>(null);
  const commands = useTransferCommands();
  const wide = useWide();
  const listed = useMemo(
    () => (rows ?? []).filter((row) => belongs(row, filter) && (sought === '' || holds(row, sought))),
    [rows, filter, sought],
  );
  const row = (selected === null ? null : rows?.find(({ key }) => key === selected)) ?? null;
  const open = useCallback(
    (next: Row | null) => go(next ? `/transfers/${filter}/${addressOf(next)}` : `/transfers/${filter}`),
    [go, filter],
  );
  const step = (by: number) => {
    const at = listed.findIndex(({ key }) => key === selected);
    const next = listed[at < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, at + by))];
    if (next) open(next);
  };
  useKeys({
    next: () => step(1),
    previous: () => step(-1),
    toggle: () => row && commands.toggle(row),
    pause: () => row && commands.pause(row),
    resume: () => row && commands.resume(row),
    remove: () => row && canRemove(row) && setAsking({ row, asked: 'remove' }),
    stop: () => row?.share && setAsking({ row, asked: 'stop' }),
    verify: () => row && setAsking({ row, asked: 'verify' }),
    limit: () => row && setAsking({ row, asked: 'limit' }),
    close: () => open(null),
  });
  if (!rows) return null;
  return (
    <div className="flex h-full flex-col">
      <PageHead title={filter === 'all' ? 'Transfers' : filterNames[filter]}>
        <label className="relative">
          <span className="sr-only">Search transfers</span>
          <Search size={14} aria-hidden className="absolute top-2.5 left-2.5 text-muted" />
          <input
            type="search"
            placeholder="Search"
            value={search}
            onFocus={() => prepareSearch(rows)}
            onChange={(event) => setSearch(event.target.value)}
            className="h-9 w-44 rounded-md border border-line bg-surface pr-2 pl-8 text-sm placeholder:text-muted"
          />
        </label>
        {wide ? <ColumnChoice visibility={visibility} onChange={setVisibility} /> : null}
      </PageHead>
      {row && !wide ? null : listed.length === 0 ? (
        <NothingListed filter={filter} sought={search} />
      ) : wide ? (
        <TransfersTable rows={listed} selected={selected} visibility={visibility} onSelect={open} />
      ) : (
        <TransferCards rows={listed} onSelect={open} />
      )}
      {row ? (
        <Details
          key={row.key}
          row={row}
          tab={tab}
          onTab={(tab) => go(`/transfers/${filter}/${addressOf(row)}/${tab}`)}
          onClose={() => open(null)}
        />
      ) : null}
      {asking ? <TransferDialog {...asking} onClose={() => setAsking(null)} /> : null}
    </div>
  );
}

const NothingListed = ({ filter, sought }: { readonly filter: Filter; readonly sought: string }) => (
  <Empty icon={<ArrowDownUp size={28} aria-hidden />} title={sought ? 'Nothing matches' : 'Nothing here yet'}>
    {sought ? (
      <p>No transfer has ‘{sought}’ in its name or group.</p>
    ) : filter === 'all' ? (
      <p>
        Files that you download or share appear here. Open a{' '}
        <Link href="/groups" className="text-accent underline">
          group
        </Link>{' '}
        to get one or to share one.
      </p>
    ) : (
      <p>No transfer is in this state now.</p>
    )}
  </Empty>
);
