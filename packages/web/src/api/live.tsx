import type { ControlEvent, ControlResult } from '@peerage/contract';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { notify } from '../ui/notices.tsx';
import { followEvents } from './event-stream.ts';

const Connected = createContext(true);
/** Whether the client that served this page is there. */
export const useConnected = (): boolean => useContext(Connected);

type Downloads = ControlResult<'show_downloads'>;

/** Keeps what the page shows equal to the client, by its numbered events alone. */
export function Live({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(
    () =>
      followEvents({
        onOpen(first) {
          setConnected(true);
          if (first) void queries.invalidateQueries();
        },
        onEvent: (event) => apply(queries, event),
        onLost: () => setConnected(false),
      }),
    [queries],
  );
  return <Connected value={connected}>{children}</Connected>;
}

const stale = (queries: QueryClient, ...commands: readonly string[]) => {
  for (const command of commands) void queries.invalidateQueries({ queryKey: [command] });
};

function apply(queries: QueryClient, event: ControlEvent): void {
  switch (event.type) {
    case 'download_changed':
    case 'download_completed':
    case 'download_failed': {
      const { download } = event;
      setDownloads(queries, (downloads) => {
        const at = downloads.findIndex(({ id }) => id === download.id);
        return at < 0 ? [...downloads, download] : downloads.with(at, download);
      });
      if (event.type === 'download_completed') {
        notify(`${download.file} is complete`);
        stale(queries, 'shares', 'list_files');
      }
      if (event.type === 'download_failed') notify(`${download.file} failed: ${download.reason?.message ?? ''}`, { bad: true });
      return;
    }
    case 'download_removed':
      return setDownloads(queries, (downloads) => downloads.filter(({ id }) => id !== event.id));
    case 'join_requested':
      notify(`${event.user} asks to join ${event.group}`);
      return stale(queries, 'list_requests', 'list_groups');
    case 'standing_changed':
      return stale(queries, 'list_groups', 'list_members', 'list_files', 'list_requests');
    case 'user_changed':
    case 'resync':
      return void queries.invalidateQueries();
    case 'share_problem':
      notify(event.message, { bad: true });
      return stale(queries, 'shares');
    case 'tracker_changed':
      return stale(queries, 'status', 'trackers');
    case 'notice':
      return notify(event.message);
  }
}

function setDownloads(queries: QueryClient, change: (downloads: Downloads['downloads']) => Downloads['downloads']): void {
  queries.setQueryData<Downloads>(['show_downloads', {}], (old) => (old ? { downloads: change(old.downloads) } : old));
}
