export { type KeygenStep, keygen } from './replication/secret-file.ts';
export { type RunTracker, runTracker } from './run-tracker.ts';
