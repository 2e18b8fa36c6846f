import { type Context, get, put, type Reading, type Rule } from './rule.ts';

/** Whether an issuer of group certificates is published. */
export function* isIssuer({ id }: { id: string }): Reading<boolean> {
  return (yield* get('issuer', id)) !== undefined;
}

/** Publishes an issuer, once. */
export function* publishIssuer(issuer: { id: string; certificate: string }, _context: Context): Rule<object> {
  if (yield* isIssuer(issuer)) return { puts: [], result: {} };
  return { puts: [put('issuer', issuer.id, { certificate: issuer.certificate, retired: false })], result: {} };
}
