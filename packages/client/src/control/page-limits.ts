/** What the client bounds for whoever looks at it, on the page or in a shell. docs/reference/limits.md describes each. */
export const pageLimits = {
  /** A one-time code opens the page for so long. */
  codeMs: 30_000,
  /** Codes that nobody has used yet; more are asked for only by a program gone wrong. */
  codes: 16,
  sessions: 64,
} as const;

export const browseLimits = {
  /** Of a folder of this machine: more than anybody reads. */
  entries: 2_000,
  /** Of a folder of the catalogue: more than anybody chooses from by hand; patterns do that. */
  folderFiles: 5_000,
} as const;

export const inspectionLimits = {
  /** Of a piece map: more than a screen shows at once. */
  cells: 2_000,
  /** Rates over less say nothing. */
  rateMs: 500,
} as const;

export const trafficLimits = {
  sampleMs: 1_000,
  /** Ten minutes. */
  samples: 600,
  /** Histories of their own; of more transfers than anybody watches only the latest are kept. */
  histories: 200,
  /** Shares whose numbers are told in one second; the others wait for the next. */
  sharesASecond: 60,
} as const;

export const activityLimits = {
  /** The latest of a group, and of one transfer. */
  entries: 200,
  /** Groups and transfers that are remembered; the one of which nothing was heard for longest is forgotten. */
  subjects: 1_000,
} as const;
