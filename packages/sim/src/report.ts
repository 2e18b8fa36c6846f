import type { Progress, SwarmResult } from './swarm-run.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** What a run came to, in lines for people. */
export function report(title: string, result: SwarmResult, tookSeconds: number): string {
  const ratio = (ms: number): string => (ms / result.fluidBoundMs).toFixed(3);
  const lines = [
    `scenario     ${title}`,
    `leechers     ${result.leechers}, ${result.completePeers === result.leechers ? 'all' : `${result.completePeers} of them`} complete after ${seconds(result.durationMs)} of simulated time`,
    `fluid bound  ${seconds(result.fluidBoundMs)}: ratio ${ratio(result.durationMs)}, on the mean ${ratio(result.meanMs)}`,
    `wasted       ${(100 * result.wastedPart).toFixed(2)} % of the bytes needed`,
    `seeders      uploaded ${result.seederCopies.toFixed(2)} copies`,
    ...(result.bannedMembers.size > 0 ? [`banned       ${[...result.bannedMembers].join(', ')}`] : []),
    `run          ${result.steps} steps in ${tookSeconds.toFixed(2)} s`,
  ];
  return `${lines.join('\n')}\n`;
}

/** How far a run is, in a line for people who wait for it. */
export function progressLine(progress: Progress, tookSeconds: number): string {
  const { nowMs, donePart, completePeers, steps } = progress;
  const done = `${(100 * donePart).toFixed(1)} % of the pieces, ${completePeers} complete`;
  return `${seconds(nowMs)}: ${done}; ${(steps / 1e6).toFixed(1)} M steps in ${tookSeconds.toFixed(0)} s\n`;
}
