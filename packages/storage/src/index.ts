export { type PieceStore, StoreError, type StoreFailure } from './piece-store.ts';
