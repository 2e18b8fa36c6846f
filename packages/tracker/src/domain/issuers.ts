import { PeerageError } from '@peerage/contract';
import { hlcTimeMs } from './entities.ts';
import { type Context, get, put, type Reading, type Row, type Rule, scan } from './rule.ts';

export interface IssuerFacts {
  readonly publishedAtMs: number;
  readonly retired: boolean;
}

/** What is published of an issuer of group certificates; undefined: nothing. */
export function* issuerFacts({ id }: { id: string }): Reading<IssuerFacts | undefined> {
  const row = yield* get('issuer', id);
  if (!row) return undefined;
  return { publishedAtMs: hlcTimeMs(row.stamp.hlc), retired: row.value.retired };
}

/** Certificates of the issuers that count: DER, base64, by their ids. */
export function* issuersById(_query: object): Reading<Readonly<Record<string, string>>> {
  const counting = (yield* scan('issuer', '')).filter((row) => !row.value.retired);
  return Object.fromEntries(counting.map((row) => [row.key, row.value.certificate]));
}

export interface KnownIssuers {
  /** Those to be trusted: DER, base64. */
  readonly issuers: readonly string[];
  /** Those that never count again: DER, base64. */
  readonly retired: readonly string[];
}

/** All issuers but those whose last certificate is over: that was made `trustMs` ago, or longer. */
export function* knownIssuers(trustMs: number, nowMs: number): Reading<KnownIssuers> {
  const [issuers, retired]: [string[], string[]] = [[], []];
  for (const row of yield* scan('issuer', '')) {
    const ended = yield* get('issuer_end', row.key);
    if (row.value.retired) retired.push(row.value.certificate);
    else if (!ended || nowMs < hlcTimeMs(ended.value.lastAt) + trustMs) issuers.push(row.value.certificate);
  }
  return { issuers, retired };
}

/** Publishes an issuer of the tracker at that place in the file, once. */
export function* publishIssuer(
  issuer: { id: string; certificate: string; tracker: number },
  _context: Context,
): Rule<object> {
  if (yield* get('issuer', issuer.id)) return { puts: [], result: {} };
  const { certificate, tracker } = issuer;
  return { puts: [put('issuer', issuer.id, { certificate, tracker, retired: false })], result: {} };
}

/** An issuer makes no certificate from now on. */
export function* endIssuer({ id }: { id: string }, { now }: Context): Rule<object> {
  yield* get('issuer_end', id);
  return { puts: [put('issuer_end', id, { lastAt: now })], result: {} };
}

/** Puts all issuers of a tracker out for ever; how many they are. Throws `usage` where it has none. */
export function* retireIssuers({ tracker }: { tracker: number }, _context: Context): Rule<{ retired: number }> {
  const own = (yield* scan('issuer', '')).filter((row) => row.value.tracker === tracker);
  if (own.length === 0) {
    throw new PeerageError(
      'usage',
      `tracker ${tracker} has published no issuer: status shows which trackers there are`,
    );
  }
  const counting = own.filter((row) => !row.value.retired);
  return {
    puts: counting.map((row: Row<'issuer'>) => put('issuer', row.key, { ...row.value, retired: true })),
    result: { retired: counting.length },
  };
}
