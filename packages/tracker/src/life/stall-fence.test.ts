import { expect, it } from 'vitest';
import { latenessLimits } from '../limits.ts';
import { newFenceState, StallFence } from './stall-fence.ts';

const late = expect.objectContaining({ code: 'timeout' });

/** Two threads' fences over one state; `pass` lets time pass, with beats as long as the main thread lives. */
function start(monotonicMs = 5_000) {
  const at = { monotonicMs, wallMs: Date.UTC(2025, 2, 1) };
  const state = newFenceState();
  const fence = () =>
    new StallFence(
      state,
      () => at.monotonicMs,
      () => at.wallMs,
    );
  const [main, writer] = [fence(), fence()];
  main.beat();
  const stand = (ms: number) => {
    at.monotonicMs += ms;
    at.wallMs += ms;
  };
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += latenessLimits.beatMs) {
      stand(latenessLimits.beatMs);
      main.beat();
    }
  };
  return { at, main, writer, stand, pass };
}

it('what arrived is begun, also after a while', () => {
  const { main, writer, stand, pass } = start();
  const arrival = main.arrival();
  pass(latenessLimits.waitMs);
  stand(latenessLimits.beatMs / 2);
  writer.require(main.arrival());
  expect(() => writer.require(arrival)).toThrow(late);
});

it('what waits as long as nobody waits for it is not', () => {
  const { main, writer, pass } = start();
  const arrival = main.arrival();
  pass(latenessLimits.waitMs - 1_000);
  writer.require(arrival);
  pass(1_000 + latenessLimits.beatMs);
  expect(() => writer.require(arrival)).toThrow(late);
});

it('after standing still, what had arrived before is not begun: whoever looks first, and for ever', () => {
  const { main, writer, stand } = start();
  const arrival = main.arrival();
  stand(latenessLimits.stallMs + 1);
  expect(() => writer.require(arrival)).toThrow(late);
  const next = main.arrival();
  expect(() => writer.require(arrival)).toThrow(late);
  writer.require(next);
});

it('so it is after a sleep that the monotonic clock leaves out; a clock that is set right by little is no sleep', () => {
  const { at, main, writer } = start();
  const arrival = main.arrival();
  at.wallMs += latenessLimits.stallMs;
  writer.require(arrival);
  main.beat();
  at.wallMs -= 3_600_000;
  writer.require(arrival);
  main.beat();
  at.wallMs += latenessLimits.stallMs + 1;
  expect(() => writer.require(arrival)).toThrow(late);
});

it('time goes on beyond 2^31 and 2^32 ms', () => {
  for (const edge of [2 ** 31, 2 ** 32]) {
    const { main, writer, stand, pass } = start(edge - 150);
    const arrival = main.arrival();
    pass(300);
    writer.require(arrival);
    stand(latenessLimits.stallMs + 1);
    expect(() => writer.require(arrival)).toThrow(late);
  }
});
