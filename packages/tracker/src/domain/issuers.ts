import { type Context, get, put, type Reading, type Rule, scan } from './rule.ts';

/** Whether an issuer of group certificates is published. */
export function* isIssuer({ id }: { id: string }): Reading<boolean> {
  return (yield* get('issuer', id)) !== undefined;
}

/** Certificates of the issuers that count: DER, base64, by their ids. */
export function* issuersById(_query: object): Reading<Readonly<Record<string, string>>> {
  const counting = (yield* scan('issuer', '')).filter((row) => !row.value.retired);
  return Object.fromEntries(counting.map((row) => [row.key, row.value.certificate]));
}

/** Publishes an issuer, once. */
export function* publishIssuer(issuer: { id: string; certificate: string }, _context: Context): Rule<object> {
  if (yield* isIssuer(issuer)) return { puts: [], result: {} };
  return { puts: [put('issuer', issuer.id, { certificate: issuer.certificate, retired: false })], result: {} };
}
