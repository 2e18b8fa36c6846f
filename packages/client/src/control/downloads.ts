import { type AbortSignalLike, type ControlParams, type ControlResult, PeerageError } from '@peerage/contract';
import type { DownloadRow } from '../library/download-rows.ts';
import type { Client, Handlers } from './handler.ts';
import { abortSignalOf } from './interrupt.ts';
import { removeFetched } from './remove-data.ts';

const STOPPED = 'interrupted: nothing was removed';

export const downloadCommands: Handlers<
  'show_downloads' | 'pause_download' | 'resume_download' | 'cancel_download' | 'wait'
> = {
  async show_downloads({ session, fetching }) {
    session.required();
    return { downloads: fetching.known.list() };
  },

  async pause_download(client, named) {
    await inTurn(client, named, (row) => client.fetching.pause(row));
    return {};
  },

  async resume_download(client, named) {
    await inTurn(client, named, (row) => client.fetching.resume(row));
    return {};
  },

  async cancel_download(client, { group, file, data }, { signal }) {
    client.turns.interrupt(rowOf(client, { group, file }).infoHash);
    return inTurn(client, { group, file }, (row, ending) => {
      const signals = signal ? [abortSignalOf(signal, STOPPED)] : [];
      return cancelled(client, row, data, AbortSignal.any([...signals, abortSignalOf(ending, STOPPED)]));
    });
  },

  wait: ({ session, fetching }, { timeoutMs }, { signal }) => {
    session.required();
    return waitForAll({ session, fetching }, timeoutMs, signal);
  },
};

interface Named {
  readonly group: string;
  readonly file: string;
}

function rowOf({ session, fetching }: Client, { group, file }: Named): DownloadRow {
  session.required();
  return fetching.known.find(group, file);
}

/** With the download as it stands in its turn. */
const inTurn = <Value>(
  client: Client,
  named: Named,
  step: (row: DownloadRow, ending: AbortSignal) => Promise<Value>,
): Promise<Value> =>
  client.turns.takeOf(
    () => rowOf(client, named).infoHash,
    (ending) => step(rowOf(client, named), ending),
  );

async function cancelled(
  client: Client,
  row: DownloadRow,
  data: ControlParams<'cancel_download'>['data'],
  signal: AbortSignal,
): Promise<ControlResult<'cancel_download'>> {
  const { fetching, limits } = client;
  const isFinished = row.state === 'completed';
  const gone = isFinished && data === 'remove' ? await removeFetched(client, row, signal) : null;
  const part = await fetching.cancel(row, { keepsPart: data === 'keep' });
  const removed = gone ? (gone.removed > 0 ? row.destination : null) : part;
  // Its own limits end with its line: nobody could see or change them any more.
  if (!fetching.known.ofContent(row.infoHash)) await limits.forgetDownload(row.infoHash);
  return { removed, ...(gone && gone.left > 0 && { left: gone.left }) };
}

type Wait = ControlResult<'wait'>;

/** Resolves when no download is D, V or W; any E makes it fail with that download's code. */
function waitForAll(
  { session, fetching }: Pick<Client, 'session' | 'fetching'>,
  timeoutMs: number | undefined,
  signal: AbortSignalLike | undefined,
): Promise<Wait> {
  return new Promise<Wait>((resolve, reject) => {
    const look = () => {
      if (session.account && !fetching.isStarted) return; // a login is under way: what goes on is not known yet
      const downloads = fetching.known.list();
      const busy = downloads.filter(({ state }) => state === 'D' || state === 'V' || state === 'W');
      if (busy.length > 0) return;
      stop();
      if (!session.account) {
        reject(new PeerageError('not_logged_in', 'you were logged out: the downloads go on after the next login'));
        return;
      }
      const failed = downloads.find(({ state }) => state === 'E');
      if (failed) reject(new PeerageError(failed.reason!.code, `'${failed.file}' failed: ${failed.reason!.message}`));
      else resolve({ completed: downloads.filter(({ state }) => state === 'C').length, failed: 0 });
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            stop();
            const left = fetching.known
              .list()
              .filter(({ state }) => state === 'D' || state === 'V' || state === 'W').length;
            reject(
              new PeerageError(
                'timeout',
                `the time is over and ${left} of the downloads ${left === 1 ? 'is' : 'are'} not finished: wait again, or show_downloads`,
              ),
            );
          }, timeoutMs);
    const unwatch = fetching.watch(look);
    const stop = () => {
      clearTimeout(timer);
      unwatch();
    };
    signal?.addEventListener(
      'abort',
      () => {
        stop();
        reject(new PeerageError('interrupted', 'interrupted: the downloads go on in the background'));
      },
      { once: true },
    );
    look();
  });
}
