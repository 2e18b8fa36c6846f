import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { until } from '../testing/pair.ts';
import { type MetricSources, Metrics } from './metrics.ts';

/** All that metrics know of a tracker. */
function newSources(): MetricSources {
  return {
    rowCounts: async () => ({ user: 3 }),
    canWrite: async () => true,
    onlineDevices: () => 1,
    openStreams: () => 0,
    openConnections: () => 0,
    passwordHashes: () => 0,
    space: () => ({ usedBytes: 1, budgetBytes: 2, blobBytes: 0 }),
    replication: () => [],
  };
}

async function textOfNew(made: WeakRef<MetricSources>[]): Promise<string> {
  const sources = newSources();
  made.push(new WeakRef(sources));
  return new Metrics(sources).text();
}

it('tells the figures of a tracker and of its process, and holds on to nothing of a tracker that has ended', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const made: WeakRef<MetricSources>[] = [];
  const texts = [await textOfNew(made), await textOfNew(made), await textOfNew(made)];
  for (const text of texts) {
    expect(text).toContain('peerage_rows{kind="user"} 3\n');
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text.match(/^# TYPE nodejs_gc_duration_seconds /gm)).toHaveLength(1);
  }
  await until(() => {
    collectGarbage();
    return made.every((sources) => sources.deref() === undefined);
  });
});
