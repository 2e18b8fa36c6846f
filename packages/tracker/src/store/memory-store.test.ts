import { describe } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { storeCompliance } from './store-compliance.ts';

describe('the memory store', () => storeCompliance((wallMs) => new MemoryStore(wallMs)));
