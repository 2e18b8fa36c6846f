import type { TrackerFigures } from './operator.ts';
import type { PeerStatus } from './replication/status.ts';

const MOST_CONFLICTS_SHOWN = 10;

/** What `status` says at the console. */
export function statusLines(where: string, figures: TrackerFigures): string {
  const { users, groups, files, onlineDevices, openStreams, canWrite, signupOpen, held, replication, conflicts } =
    figures;
  const health = canWrite ? 'writing works' : 'WRITING FAILS: is the disk full?';
  const lines = [
    `${where}; users: ${users}, groups: ${groups}, files: ${files}, devices online: ${onlineDevices}, event streams: ${openStreams}; sign-up ${signupOpen ? 'open' : 'closed'}; ${health}`,
    ...held.map((reason) => `DOES NOT SERVE: ${reason}`),
    ...(replication?.peers ?? []).map(peerLine),
  ];
  if (conflicts.length > 0) {
    const more = conflicts.length > MOST_CONFLICTS_SHOWN ? ', …' : '';
    const shown = conflicts.slice(0, MOST_CONFLICTS_SHOWN).join(', ');
    lines.push(`${conflicts.length} lost their name to the other side of a cut and may take another: ${shown}${more}`);
  }
  return `${lines.join('\n')}\n`;
}

function peerLine({ number, state, reason, unacknowledgedOps, missingOps, lagMs }: PeerStatus): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  const behind =
    unacknowledgedOps === 0
      ? 'it has everything of this one'
      : `it lacks ${unacknowledgedOps} changes of this one, for ${(lagMs / 1_000).toFixed(1)} s`;
  const missing = missingOps === 0 ? '' : `; ${missingOps} changes of it are not here yet`;
  return `tracker ${number} ${{ following: 'follows', unreachable: 'DOES NOT ANSWER', refused: 'IS REFUSED' }[state]}${why}: ${behind}${missing}`;
}
