export { type RunTracker, runTracker } from './run-tracker.ts';
