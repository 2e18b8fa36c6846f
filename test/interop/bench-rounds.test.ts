import { expect, it } from 'vitest';
import { tableOf } from '../../bench/report.ts';
import { runRounds } from '../../bench/rounds.ts';
import { StockClientDied } from '../../scripts/drive/stock/stock-client.ts';

const figures = [{ key: 'seconds', title: 's', digits: 1 }];

it('tries a run once more where a stock client died, and says how often one did', async () => {
  let runs = 0;
  const unlucky = async () => {
    if (++runs !== 3) throw new StockClientDied('libtorrent died (SIGSEGV)');
    return { seconds: 1 };
  };
  const results = await runRounds([{ name: 'libtorrent', run: unlucky }], 2);
  expect(runs).toBe(3); // the first round's two, and the second round's first
  expect(results.get('libtorrent')).toMatchObject({ runs: [{ sample: { seconds: 1 } }], died: 2 });
  expect(tableOf(figures, results)).toContain('| 1, died 2 × |');
});

it('ends with what our own side does wrong', async () => {
  const broken = { name: 'peerage', run: () => Promise.reject(new Error('a peer ended (SIGABRT)')) };
  await expect(runRounds([broken], 1)).rejects.toThrow('a peer ended');
});
