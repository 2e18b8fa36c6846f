import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { PeerageError } from '@peerage/contract';

/**
 * Refuses a request that the holder of this home's token did not mean. The token alone opens the API; host and origin are checked too, so
 * that a page elsewhere reaches nothing even if it learned the token: a browser names the page's own host, whatever address that name leads to.
 */
export function checkCaller(headers: IncomingHttpHeaders, port: number, token: string): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) throw foreign('it names another host');
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    throw foreign('it comes from another page');
  const given = /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(headers.authorization ?? '')?.[1];
  if (given === undefined || !timingSafeEqual(digest(given), digest(token))) {
    throw foreign('it does not show the token of control.json in the home');
  }
}

const foreign = (why: string) => new PeerageError('foreign_caller', `this client does not answer the request: ${why}`);
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
