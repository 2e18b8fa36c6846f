import type { HttpInput } from './http-inputs.ts';

/** Stands in inputs for a token that is another one in every run. */
export const anyToken = '{token}';

/** The request as bytes of HTTP, on a connection of its own. */
export function rawOf({ method, path, session, contentType, body }: HttpInput, host = '127.0.0.1'): Buffer {
  const bytes = Buffer.from(body);
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...(session ? [`authorization: Bearer ${anyToken}`] : []),
    ...(contentType === '' ? [] : [`content-type: ${contentType}`]),
    ...(bytes.length === 0 ? [] : [`content-length: ${bytes.length}`]),
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

/** Undefined where too little is left of a request. */
export function partsOf(input: Uint8Array): HttpInput | undefined {
  const text = Buffer.from(input).toString('utf8');
  const [, method, path] = /^(\S+) (\S+) HTTP/.exec(text) ?? [];
  const end = text.indexOf('\r\n\r\n');
  if (method === undefined || path === undefined || end < 0) return undefined;
  const head = text.slice(0, end);
  return {
    method,
    path,
    session: head.includes(anyToken),
    contentType: /content-type: (.*)\r\n/.exec(head)?.[1] ?? '',
    body: text.slice(end + 4),
  };
}
