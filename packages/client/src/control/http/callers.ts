import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { PeerageError } from '@peerage/contract';

/** Refuses what a page elsewhere sends, even if it learned a secret of this client: a browser names the page's own host, whatever address that name leads to. */
export function checkPlace(headers: IncomingHttpHeaders, port: number): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) throw foreign('it names another host');
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    throw foreign('it comes from another page');
}

/** Whether the request shows the token of this home. */
export function showsToken(headers: IncomingHttpHeaders, token: string): boolean {
  const given = /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(headers.authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

export const foreign = (why: string) =>
  new PeerageError('foreign_caller', `this client does not answer the request: ${why}`);
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
