import { describe } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { replicatedCompliance } from './replicated-compliance.ts';
import { storeCompliance } from './store-compliance.ts';

describe('the memory store', () => {
  storeCompliance((wallMs) => new MemoryStore(wallMs));
  replicatedCompliance((wallMs) => new MemoryStore(wallMs));
});
