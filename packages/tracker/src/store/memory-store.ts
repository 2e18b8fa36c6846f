import { LogStore, type StoreSettings } from './log-store.ts';
import { MemoryTables } from './memory-tables.ts';

/** A store that forgets: for tests and simulations. Passes the same compliance suite as the durable ones. */
export class MemoryStore extends LogStore {
  constructor(
    wallMs: () => number = Date.now,
    tables: MemoryTables = new MemoryTables(),
    isOwnCreation: StoreSettings['isOwnCreation'] = () => true,
  ) {
    super(tables, { wallMs, isOwnCreation, soon: queueMicrotask });
  }
}
