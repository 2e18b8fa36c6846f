import { HardDriveUpload } from 'lucide-react';
import { Link } from 'wouter';
import { bytes } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { TransferActions } from '../transfers/actions.tsx';
import { useRows } from '../transfers/use-rows.ts';
import { Empty } from '../ui/empty.tsx';
import { LongList } from '../ui/long-list.tsx';
import { PageHead } from '../ui/page-head.tsx';

/** What this device offers, and what is wrong with it. */
export function SharesScreen() {
  const rows = useRows()?.filter(({ share }) => share !== null);
  if (!rows) return null;
  return (
    <>
      <PageHead title="Shares" about="What this device offers to its groups." />
      {rows.length === 0 ? (
        <Empty icon={<HardDriveUpload size={28} aria-hidden />} title="Nothing is shared from here">
          <p>
            Open a{' '}
            <Link href="/groups" className="text-accent underline">
              group
            </Link>{' '}
            and press Share. Whatever you download is shared on as well.
          </p>
        </Empty>
      ) : (
        <LongList
          items={rows}
          keyOf={({ key }) => key}
          linePx={84}
          className="mx-4 mb-6 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface sm:mx-6"
          lineClassName="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3"
        >
          {(row) => (
            <>
              <div className="min-w-0 flex-1 basis-60">
                <div className="truncate font-medium" dir="auto">
                  {shown(row.file)}
                </div>
                <div className="truncate text-xs text-muted">
                  {shown(row.group)} · {bytes(row.size)} · sent {bytes(row.uploaded)}
                </div>
                <div className="truncate font-mono text-xs text-muted" title={shown(row.share?.path ?? '')}>
                  {shown(row.share?.path ?? '')}
                </div>
              </div>
              <span className={`w-full text-sm sm:w-auto ${row.share?.state === 'offered' ? 'text-ok' : 'text-bad'}`}>
                {row.share?.state === 'offered' ? 'offered' : row.words}
              </span>
              <TransferActions row={row} />
            </>
          )}
        </LongList>
      )}
    </>
  );
}
