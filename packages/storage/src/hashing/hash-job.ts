import type { HashJob, HashPlan } from './hash-plan.ts';
import { startInlineJob } from './inline-job.ts';
import { startWorkerJob } from './worker-job.ts';

/** Below this a thread's start (20 ms and more) costs longer than hashing here, in slices of a third of a millisecond. */
export const INLINE_BYTES = 8 * 1024 * 1024;

export const startHashJob = (plan: HashPlan): HashJob =>
  plan.geometry.sizeBytes <= INLINE_BYTES ? startInlineJob(plan) : startWorkerJob(plan);
