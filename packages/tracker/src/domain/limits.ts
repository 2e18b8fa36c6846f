const HOUR_MS = 3_600_000;

export interface Limits {
  readonly openRequestsPerUser: number;
  readonly groupsPerUser: number;
  /** Devices that may log in without the password. */
  readonly devicesPerUser: number;
  /** Of one user to one group. Each leaves a row for ever, which other trackers read again with every later one. */
  readonly promptApplications: number;
  readonly pendingPerGroup: number;
  readonly entriesPerGroup: number;
  readonly blobBytesPerGroup: number;
  /** How long the next application waits after the first, second, and every later rejection or removal; the last, too, after many applications. */
  readonly applicationWaitMs: readonly number[];
}

export const defaultLimits: Limits = {
  openRequestsPerUser: 100,
  groupsPerUser: 100,
  devicesPerUser: 16,
  promptApplications: 32,
  pendingPerGroup: 1_000,
  entriesPerGroup: 10_000,
  blobBytesPerGroup: 4 * 1024 ** 3,
  applicationWaitMs: [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS],
};
