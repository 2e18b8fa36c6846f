import { type CallOptions, type ControlResult, PeerageError } from '@peerage/contract';
import type { VerifyOutcome } from '../engine/engine-protocol.ts';
import { interrupted } from '../engine/interrupted.ts';
import type { Client, Handlers } from './handler.ts';

type Verified = ControlResult<'verify'>;

export const verifyCommands: Handlers<'verify'> = {
  async verify(client, { group, file: typed }, options) {
    const file = typed.normalize('NFC');
    const { fetching, sharing } = client;
    return client.turns.takeOf(
      () => {
        client.session.required();
        const named = fetching.known.latest(group, file) ?? sharing.known.named(group, file);
        if (named) return named.infoHash;
        throw new PeerageError(
          'no_such_file',
          `this device neither fetches nor shares '${file}' in '${group}': show_downloads and shares list what it does`,
        );
      },
      (ending) => verified(client, group, file, { ...options, ending }),
    );
  },
};

interface VerifyOptions extends CallOptions {
  readonly ending: AbortSignal;
}

async function verified(client: Client, group: string, file: string, options: VerifyOptions): Promise<Verified> {
  const { fetching, sharing } = client;
  const download = fetching.known.latest(group, file);
  if (download?.state === 'failed') {
    const why = download.reason!;
    throw new PeerageError(why.code, `'${file}' failed: ${why.message}; resume_download reads it again`);
  }
  if (download && fetching.known.isInEngine(download)) {
    const { pieces, wrongPieces } = await read(client, download.infoHash, options);
    return wrongPieces === 0 ? allRight(pieces) : toFetch(pieces, wrongPieces, download.state === 'paused');
  }
  const share = sharing.known.named(group, file);
  if (!share) {
    throw new PeerageError(
      'no_such_file',
      `this device neither fetches nor shares '${file}' in '${group}': show_downloads and shares list what it does`,
    );
  }
  const { pieces, wrongPieces, message, untouched } = await read(client, share.infoHash, options);
  if (wrongPieces === 0) return allRight(pieces);
  // Fetched here, and nobody changed it since: its disk did. Anything else is the user's, and not ours to write.
  const mendable = untouched ? fetching.known.completedAt(share.infoHash, share.path) : undefined;
  if (!mendable) return { pieces, wrong: wrongPieces, action: 'stopped', message };
  await fetching.repair(mendable);
  void client.peerLists.refresh({ gid: mendable.gid, infoHash: mendable.infoHash });
  return toFetch(pieces, wrongPieces, false);
}

const allRight = (pieces: number): Verified => ({ pieces, wrong: 0, action: 'none', message: null });

const toFetch = (pieces: number, wrong: number, isPaused: boolean): Verified => ({
  pieces,
  wrong,
  action: 'fetching',
  message: `the disk lost what is wrong: it is fetched again${isPaused ? ' when the download is resumed' : ''}`,
});

async function read(
  client: Client,
  share: string,
  { signal, ending, onProgress }: VerifyOptions,
): Promise<VerifyOutcome> {
  if (ending.aborted || signal?.aborted) throw interrupted(); // while it waited for its turn
  const end = () => void client.engine.request({ type: 'end_verify', share }).catch(() => undefined);
  const unwatch = client.verifyProgress.watch(share, (doneBytes, totalBytes) =>
    onProgress?.({ what: 'verifying', doneBytes, totalBytes }),
  );
  signal?.addEventListener('abort', end, { once: true });
  ending.addEventListener('abort', end, { once: true });
  try {
    return (await client.engine.request({ type: 'verify', share })) as VerifyOutcome;
  } finally {
    signal?.removeEventListener('abort', end);
    unwatch();
  }
}
