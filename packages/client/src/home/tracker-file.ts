import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME_TRACKERS, PeerageError, parseTrackerList, type TrackerLine } from '@peerage/contract';

const head =
  '# The trackers that this client was last started with; what peerage client <tracker_info> gives takes their place.\n';

export function rememberTrackers(home: string, trackers: readonly Pick<TrackerLine, 'address' | 'pin'>[]): void {
  const lines = trackers.map(({ address, pin }) => (pin === null ? address : `${address} sha256:${pin}`));
  writeFileSync(join(home, HOME_TRACKERS), `${head}${lines.join('\n')}\n`, { mode: 0o600 });
}

/** Refused with `usage` where the home has none. */
export function rememberedTrackers(home: string): TrackerLine[] {
  const file = join(home, HOME_TRACKERS);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new PeerageError(
      'usage',
      `the client on '${home}' was never told its trackers: peerage client <tracker_info>, or peerage join <invitation>`,
    );
  }
  return parseTrackerList(text, file);
}
