import type { ControlEvent } from '@peerage/contract';
import { expect, test } from 'vitest';
import { EventFan } from './event-fan.ts';

test('who listens first hears what was told before, once; later ones what is told from then on', () => {
  const fan = new EventFan();
  const notice = (message: string): ControlEvent => ({ type: 'notice', message });
  fan.tell(notice('while it starts'));
  const [first, second]: [ControlEvent[], ControlEvent[]] = [[], []];
  const end = fan.subscribe((event) => first.push(event));
  fan.subscribe((event) => second.push(event));
  fan.tell(notice('to both'));
  end();
  fan.tell(notice('to one'));
  expect(first).toEqual([notice('while it starts'), notice('to both')]);
  expect(second).toEqual([notice('to both'), notice('to one')]);
});

test('what nobody hears is not kept without end', () => {
  const fan = new EventFan();
  for (let number = 0; number < 5000; number++) fan.tell({ type: 'notice', message: String(number) });
  const heard: ControlEvent[] = [];
  fan.subscribe((event) => heard.push(event));
  expect(heard).toHaveLength(1000);
});
