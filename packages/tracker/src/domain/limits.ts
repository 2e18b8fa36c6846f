const HOUR_MS = 3_600_000;

export interface Limits {
  readonly openRequestsPerUser: number;
  readonly groupsPerUser: number;
  /** Devices that may log in without the password. */
  readonly devicesPerUser: number;
  readonly pendingPerGroup: number;
  readonly entriesPerGroup: number;
  readonly blobBytesPerGroup: number;
  /** How long the next application waits after the first, second, and every later rejection or removal. */
  readonly applicationWaitMs: readonly number[];
}

export const defaultLimits: Limits = {
  openRequestsPerUser: 100,
  groupsPerUser: 100,
  devicesPerUser: 16,
  pendingPerGroup: 1_000,
  entriesPerGroup: 10_000,
  blobBytesPerGroup: 4 * 1024 ** 3,
  applicationWaitMs: [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS],
};
