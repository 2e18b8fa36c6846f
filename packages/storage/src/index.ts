export type { DownloadStore } from './download/download-store.ts';
export { type DownloadPlan, type OpenedDownload, openDownload } from './download/open-download.ts';
export { type FileIdentity, identityOf } from './file-identity.ts';
export { type HashedFile, type HashOptions, hashFile, verifyFile } from './hashing/hash-file.ts';
export { RunningHash } from './hashing/running-hash.ts';
export { MemoryStore, type MemoryStoreOperation, type MemoryStoreOptions } from './memory-store.ts';
export { type PieceStore, StoreError, type StoreFailure } from './piece-store.ts';
export { resolveDestination } from './safe-path.ts';
export { SourceStore, type SourceStoreOptions } from './source-store.ts';
