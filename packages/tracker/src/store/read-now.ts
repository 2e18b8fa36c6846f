import type { Reading } from '../domain/rule.ts';
import type { Tables } from './tables.ts';

/** Answers a reading's reads from tables in the same thread, at one moment. */
export function readNow<T>(tables: Tables, reading: Reading<T>): T {
  let step = reading.next();
  while (!step.done) {
    const read = step.value;
    switch (read.kind) {
      case 'get': {
        const held = tables.held(read.entity, read.key);
        step = reading.next(held?.value === null ? undefined : held);
        break;
      }
      case 'scan':
        step = reading.next(tables.scan(read.entity, read.prefix));
        break;
      case 'count':
        step = reading.next(tables.count(read.entity, read.prefix));
    }
  }
  return step.value;
}
