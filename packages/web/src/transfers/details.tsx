import { X } from 'lucide-react';
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import { useLook } from '../api/commands.ts';
import { bytes, duration, percent, rate } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { IconButton } from '../ui/button.tsx';
import { Tab, TabStrip } from '../ui/tabs.tsx';
import { TransferActions } from './actions.tsx';
import { AvailabilityBar } from './availability-bar.tsx';
import { Files } from './files.tsx';
import { TransferLog } from './log.tsx';
import { Peers } from './peers.tsx';
import { PieceMap } from './piece-map.tsx';
import type { Row } from './rows.ts';
import { SpeedGraph } from './speed-graph.tsx';
import { useTransfer } from './use-transfer.ts';

const TABS = ['overview', 'speed', 'files', 'peers', 'sources', 'log', 'why'] as const;

interface Props {
  readonly row: Row;
  /** As its address says it; anything else is the first one. */
  readonly tab: string | undefined;
  readonly onTab: (tab: string) => void;
  readonly onClose: () => void;
}

/** One transfer, looked at closely. */
export function Details({ row, tab, onTab, onClose }: Props) {
  const seen = useTransfer(row);
  const open = TABS.find((known) => known === tab && (known !== 'why' || row.download)) ?? 'overview';
  return (
    <section
      aria-label={`Details of ${shown(row.file)}`}
      className="flex min-h-64 flex-1 shrink-0 flex-col bg-surface md:max-h-[46%] md:flex-none"
    >
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3 sm:px-6">
        <h2 className="min-w-0 flex-1 basis-44 truncate font-semibold" dir="auto">
          {shown(row.file)}
        </h2>
        <div className="flex flex-wrap gap-2 max-sm:order-last max-sm:w-full">
          <TransferActions row={row} />
        </div>
        <IconButton label="Close the details" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <Tabs.Root value={open} onValueChange={onTab} className="flex min-h-0 flex-1 flex-col">
        <TabStrip label="Details" open={open}>
          <Tab name="overview">Overview</Tab>
          <Tab name="speed">Speed</Tab>
          <Tab name="files">Files</Tab>
          <Tab name="peers">Peers</Tab>
          <Tab name="sources">Sources</Tab>
          <Tab name="log">Log</Tab>
          {row.download ? <Tab name="why">Why</Tab> : null}
        </TabStrip>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3 sm:px-6">
          <Tabs.Content value="overview" className="space-y-4">
            <Overview row={row} />
            {seen ? <PieceMap cells={seen.cells} pieces={seen.pieces} have={seen.have} /> : null}
            {seen && seen.cells.length > 0 && (seen.have < seen.pieces || seen.peers.length > 0) ? (
              <AvailabilityBar cells={seen.cells} />
            ) : null}
          </Tabs.Content>
          <Tabs.Content value="speed">{seen ? <SpeedGraph history={seen.history} /> : null}</Tabs.Content>
          <Tabs.Content value="files">
            <Files row={row} />
          </Tabs.Content>
          <Tabs.Content value="peers">{seen ? <Peers peers={seen.peers} pieces={seen.pieces} /> : null}</Tabs.Content>
          <Tabs.Content value="sources">
            <Sources row={row} />
          </Tabs.Content>
          <Tabs.Content value="log">
            <TransferLog group={row.group} file={row.file} />
          </Tabs.Content>
          {row.download ? (
            <Tabs.Content value="why">
              <Why row={row} />
            </Tabs.Content>
          ) : null}
        </div>
      </Tabs.Root>
    </section>
  );
}

const Fact = ({
  name,
  children,
  wide = false,
}: {
  readonly name: string;
  readonly children: ReactNode;
  readonly wide?: boolean;
}) => (
  <div className={`min-w-0 ${wide ? 'col-span-2' : ''}`}>
    <dt className="text-xs text-muted">{name}</dt>
    <dd className="break-words tabular-nums">{children}</dd>
  </div>
);

const Overview = ({ row }: { readonly row: Row }) => (
  <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
    <Fact name="Status" wide>
      {row.words}
    </Fact>
    <Fact name="Stored">
      {bytes(row.done)} of {bytes(row.size)} ({percent(row.done, row.size)})
    </Fact>
    <Fact name="Group">{shown(row.group)}</Fact>
    <Fact name="Down">{rate(row.downRate)}</Fact>
    <Fact name="Up">{rate(row.upRate)}</Fact>
    <Fact name="Time left">{duration(row.eta)}</Fact>
    <Fact name="Sent to others">{bytes(row.uploaded)}</Fact>
    <Fact name="On this device" wide>
      {shown(row.where)}
    </Fact>
  </dl>
);

function Sources({ row }: { readonly row: Row }) {
  const sources = row.download?.sources ?? [];
  if (sources.length === 0) return <p className="text-sm text-muted">Nobody has sent anything of this file yet.</p>;
  return (
    <table className="w-full max-w-xl text-sm">
      <thead className="text-left text-xs text-muted">
        <tr>
          <th className="py-1 font-medium">Member</th>
          <th className="py-1 font-medium">Device</th>
          <th className="py-1 text-right font-medium">Sent us</th>
        </tr>
      </thead>
      <tbody>
        {sources.map((source) => (
          <tr key={source.device} className="border-t border-line/60">
            <td className="py-1.5">{shown(source.user)}</td>
            <td className="py-1.5 font-mono text-xs text-muted">{source.device.slice(0, 8)}</td>
            <td className="py-1.5 text-right tabular-nums">{bytes(source.bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Why({ row }: { readonly row: Row }) {
  const why = useLook('why', { group: row.group, file: row.file });
  return (
    <div className="space-y-3">
      {why.error ? <p className="text-sm text-muted">{shown(why.error.message)}</p> : null}
      <ul className="list-disc space-y-1 pl-5">
        {why.data?.reasons.map(({ message }) => (
          <li key={message}>{shown(message)}</li>
        ))}
      </ul>
      <ShellWords words={commandWords('why', { group: row.group, file: row.file })} />
    </div>
  );
}
