import { CHROMIUM, launchChromium } from '../../scripts/drive/browser.ts';
import { debianProgram } from '../../test/support/debian-program.ts';
import type { Bench, Sample } from '../bench.ts';
import { FullHouse } from './full-house.ts';
import { PageProbe, streamBytesPerSecond } from './page-probe.ts';

const SHARES = 10_000;
const TRANSFERS = 500;
const WATCHED_SECONDS = 10;

export const bench: Bench = {
  about: `the page of a client that shares ${SHARES} files and fetches ${TRANSFERS}: Chromium, a tab opened anew in each run`,
  figures: [
    { key: 'paintMs', title: 'data → table ms', digits: 0 },
    { key: 'openMs', title: 'address → table ms', digits: 0 },
    { key: 'filterMs', title: 'letter → filtered ms', digits: 0 },
    { key: 'clearMs', title: 'cleared → all ms', digits: 0 },
    { key: 'heapMib', title: 'heap MiB', digits: 0 },
    { key: 'tabMib', title: 'tab MiB', digits: 0 },
    { key: 'streamKib', title: 'events KiB/s', digits: 1 },
    { key: 'busy', title: 'tab busy %', digits: 0 },
    { key: 'moving', title: 'moving', digits: 0 },
  ],
  async prepare({ folder }) {
    const chromium = debianProgram(CHROMIUM, ['chromium', 'fonts-noto-core']);
    if (chromium === null) throw new Error('no Chromium here, and none may be installed');
    const house = await FullHouse.open(folder, SHARES, TRANSFERS);
    const browser = await launchChromium(chromium);
    await house.moving();
    const run = async (): Promise<Sample> => {
      const probe = await PageProbe.open(browser, house);
      try {
        const { paintMs, openMs } = await probe.firstPaint();
        const busyBefore = await probe.busySeconds();
        const stream = await streamBytesPerSecond(house.home, WATCHED_SECONDS);
        const busy = (await probe.busySeconds()) - busyBefore;
        const filtered = await probe.filter('holding 0042');
        if (filtered.rows !== 10) throw new Error(`${filtered.rows} rows are left of the ten that fit`);
        const cleared = await probe.filter('');
        const { heap, process } = await probe.memoryMib();
        return {
          paintMs,
          openMs,
          filterMs: filtered.ms,
          clearMs: cleared.ms,
          heapMib: heap,
          tabMib: process,
          streamKib: stream / 1024,
          busy: (busy / WATCHED_SECONDS) * 100,
          moving: await house.movingNow(),
        };
      } finally {
        await probe.close();
      }
    };
    return {
      contestants: [{ name: `${SHARES} shares, ${TRANSFERS} transfers`, run }],
      async end() {
        await browser.close();
        await house.close();
      },
    };
  },
};
