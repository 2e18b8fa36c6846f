/** What a run measured, by figure; the unit is in the figure's title. */
export type Sample = Readonly<Record<string, number>>;

export interface Figure {
  readonly key: string;
  /** Column of the table, with its unit. */
  readonly title: string;
  readonly digits: number;
}

/** One way of doing the work. Runs of all contestants take turns, so that whatever else the machine does meets all alike. */
export interface Contestant {
  readonly name: string;
  run(): Promise<Sample>;
}

export interface BenchOptions {
  /** An empty folder, removed after the last round. */
  readonly folder: string;
  /** Whether a contestant of that name takes part. */
  readonly wants: (contestant: string) => boolean;
}

/** What is ready to run; `end` stops and closes everything. */
export interface Prepared {
  readonly contestants: readonly Contestant[];
  end(): Promise<void>;
}

/** One benchmark: `bench/<name>/main.ts` exports it as `bench`. */
export interface Bench {
  /** One line: what is measured, from when to when. */
  readonly about: string;
  readonly figures: readonly Figure[];
  prepare(options: BenchOptions): Promise<Prepared>;
}
