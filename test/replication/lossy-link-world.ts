/**
 * Two trackers whose link loses packets, in a network of its own (run by lossy-link.test.ts): writes at one, then the link is whole again. Prints what was seen as one line of JSON. Arguments: the
 * loss in percent, the writes.
 */
import { spawnSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { replicated } from '../../packages/tracker/src/domain/entities.ts';
import { SqliteStore } from '../../packages/tracker/src/store/sqlite-store.ts';
import { canonicalDump } from '../../packages/tracker/src/testing/canonical-dump.ts';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { testMetainfo } from '../../packages/tracker/src/testing/metainfo.ts';
import { until } from '../../packages/tracker/src/testing/pair.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';
import { CutPair } from '../support/cut-pair.ts';

const [, , loss = '', writes = ''] = process.argv;

function rules(text: string): void {
  const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const pair = await CutPair.start();
const agent = trackerAgent();
try {
  const alice = new TestDevice(httpSend(pair.ports[0]!, agent));
  await alice.createUser('alice');
  await alice.login('alice');
  const group = await alice.createGroup('team');
  const isInStep = async () => {
    const { peers } = await alice.call('trackers', {});
    return peers.every(({ state, lagMs }) => state === 'following' && lagMs === 0);
  };
  await until(isInStep);

  const ports = pair.linkPorts.join(', ');
  const drop = (end: string) => `tcp ${end} { ${ports} } numgen random mod 100 < ${loss} counter drop`;
  rules(`table inet link {
    chain lossy {
      type filter hook input priority 0
      ${drop('dport')}
      ${drop('sport')}
    }
  }`);
  const machine = monitorEventLoopDelay({ resolution: 10 });
  machine.enable();
  const tookMs: number[] = [];
  for (let count = 0; count < Number(writes); count++) {
    const beganMs = performance.now();
    await alice.share(group, testMetainfo(group, `file-${count}`)); // two writes
    tookMs.push(performance.now() - beganMs);
  }
  machine.disable();
  const said = spawnSync('nft', ['list', 'table', 'inet', 'link'], { encoding: 'utf8' }).stdout;
  const dropped = [...said.matchAll(/counter packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);

  rules('delete table inet link\n');
  const healedFrom = performance.now();
  await until(isInStep);
  const healMs = performance.now() - healedFrom;
  await Promise.all(pair.trackers.map((tracker) => tracker.stop()));
  const dumps = await Promise.all([1, 2].map((number) => dumpOf(`${pair.dataOf(number)}/tracker.db`)));
  const files = dumps[0]!.filter((line) => line.startsWith('content ')).length;
  const p99Ms = tookMs.toSorted((a, b) => a - b)[Math.ceil(tookMs.length * 0.99) - 1]!;
  // A machine that stands still slows this process too: that is not the trackers'.
  const seen = {
    dropped,
    p99Ms: p99Ms - machine.max / 1e6,
    healMs,
    files,
    equal: dumps[0]!.join() === dumps[1]!.join(),
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  agent.destroy();
  await pair.stop();
}

/** What trackers have in common. */
async function dumpOf(path: string): Promise<string[]> {
  const store = new SqliteStore(path);
  const lines = (await canonicalDump(store)).split('\n');
  await store.close();
  return lines.filter((line) => replicated[line.split(' ', 1)[0] as keyof typeof replicated]);
}
