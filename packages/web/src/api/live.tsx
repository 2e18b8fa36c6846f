import type { ControlEvent, ControlResult } from '@peerage/contract';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { notify } from '../ui/notices.tsx';
import { DownloadChanges } from './download-changes.ts';
import { followEvents } from './event-stream.ts';
import { forgetMoves, moveShare } from './share-moves.ts';

type Downloads = ControlResult<'show_downloads'>;
const downloadsQuery = { queryKey: ['show_downloads', {}] };

/** Keeps what the page shows equal to the client, by its numbered events alone. Nothing is asked before they are followed: what changed in between nobody would tell. */
export function Live({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [isFollowed, setFollowed] = useState(false);
  const [connected, setConnected] = useState(true);
  useEffect(
    () =>
      followEvents({
        onOpen() {
          setConnected(true);
          setFollowed(true);
        },
        onEvent: (event) => apply(queries, event),
        onLost: () => setConnected(false),
      }),
    [queries],
  );
  return (
    <div className="flex h-full flex-col">
      {connected ? null : (
        <p role="alert" className="bg-warn/15 px-4 py-1.5 text-center text-sm text-warn">
          The client on this machine does not answer. Trying again …
        </p>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">{isFollowed ? children : null}</div>
    </div>
  );
}

const stale = (queries: QueryClient, ...commands: readonly string[]) => {
  if (commands.includes('shares')) forgetMoves();
  for (const command of commands) void queries.invalidateQueries({ queryKey: [command] });
};

type Appliers = {
  readonly [T in ControlEvent['type']]: (queries: QueryClient, event: Extract<ControlEvent, { type: T }>) => void;
};

/** What others decided about this user; what the user did was answered already. */
const decided: Readonly<Record<string, (group: string) => string>> = {
  member: (group) => `Your request to join ${group} was accepted`,
  rejected: (group) => `Your request to join ${group} was turned down`,
  removed: (group) => `You were removed from ${group}`,
};

/** What each event changes of what the page knows. */
const appliers: Appliers = {
  download_changed: (queries, { download }) => changeDownloads(queries, (changes) => changes.put(download)),
  downloads_moved: (queries, { downloads }) =>
    changeDownloads(queries, (changes) => {
      for (const movement of downloads) changes.move(movement);
    }),
  download_completed(queries, { download }) {
    changeDownloads(queries, (changes) => changes.put(download));
    notify(`${download.file} is complete`);
    stale(queries, 'shares', 'list_files', 'disk');
  },
  download_failed(queries, { download }) {
    changeDownloads(queries, (changes) => changes.put(download));
    notify(`${download.file} failed: ${download.reason?.message ?? ''}`, { bad: true });
  },
  download_removed: (queries, { id }) => changeDownloads(queries, (changes) => changes.remove(id)),
  join_requested(queries, { user, group }) {
    notify(`${user} asks to join ${group}`);
    stale(queries, 'list_requests', 'list_groups');
  },
  group_activity(queries, { group, what, user }) {
    if (what === 'joined' || what === 'left' || what === 'removed' || what === 'owns')
      stale(queries, 'list_members', 'list_groups');
    if (what === 'owns') notify(`${user} owns ${group} now`);
  },
  activity_changed: (queries) => stale(queries, 'activity'),
  standing_changed(queries, { group, standing }) {
    const words = decided[standing];
    if (words) notify(words(group));
    stale(queries, 'list_groups', 'list_members', 'list_files', 'list_requests');
  },
  share_moved: (_, { type: _type, ...move }) => moveShare(move),
  rates_changed(queries, { down_rate, up_rate, peers }) {
    setStatus(queries, { down_rate, up_rate, peers });
    staleSpace(queries);
  },
  reached: (queries) => setStatus(queries, { reached: true }),
  limits_changed: (queries) => stale(queries, 'limit', 'status'),
  files_changed: (queries) => stale(queries, 'list_files', 'list_groups'),
  user_changed: (queries) => void queries.invalidateQueries(),
  share_problem(queries, { message }) {
    notify(message, { bad: true });
    stale(queries, 'shares');
  },
  peer_banned: (_, { message }) => notify(message, { bad: true }),
  tracker_changed: (queries) => stale(queries, 'status', 'trackers'),
  notice: (_, { message }) => notify(message),
  resync: (queries) => void queries.invalidateQueries(),
};

const setStatus = (queries: QueryClient, now: Partial<ControlResult<'status'>>) =>
  void queries.setQueryData<ControlResult<'status'>>(['status', {}], (old) => (old ? { ...old, ...now } : old));

const SPACE_PACE_MS = 5000;
let spaceAskedMs = Number.NEGATIVE_INFINITY;
/** What moves takes space; a disk is not looked at with every block. */
function staleSpace(queries: QueryClient): void {
  if (performance.now() - spaceAskedMs < SPACE_PACE_MS) return;
  spaceAskedMs = performance.now();
  stale(queries, 'disk');
}

const apply = <T extends ControlEvent['type']>(queries: QueryClient, event: Extract<ControlEvent, { type: T }>): void =>
  appliers[event.type as T](queries, event);

const changes = new DownloadChanges();
let hasFrame = false;

/** A page that nobody sees has no frames, and draws all of it when it is seen again. */
function changeDownloads(queries: QueryClient, change: (changes: DownloadChanges) => void): void {
  change(changes);
  if (hasFrame) return;
  hasFrame = true;
  requestAnimationFrame(() => {
    hasFrame = false;
    queries.setQueryData<Downloads>(downloadsQuery.queryKey, (old) => {
      if (!old) return old;
      const { downloads, isStale } = changes.apply(old.downloads);
      if (isStale) queueMicrotask(() => void queries.invalidateQueries(downloadsQuery, { cancelRefetch: false }));
      return { downloads };
    });
  });
}
