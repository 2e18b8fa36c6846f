import { expect, test } from 'vitest';
import type { ApiRequest } from '../http-api/call-route.ts';
import { createControlClient } from './client.ts';

const json = (status: number, body: unknown) => ({ status, body: new TextEncoder().encode(JSON.stringify(body)) });

test('a command is one request with the token, and its result is checked', async () => {
  const sent: ApiRequest[] = [];
  const client = createControlClient(async (request) => {
    sent.push(request);
    return json(200, { user: 'alice', device: 'd1', more: 'a newer client may say more' });
  }, 'secret-token');
  expect(await client.call('whoami', {})).toEqual({ user: 'alice', device: 'd1' });
  expect(sent).toMatchObject([
    { method: 'POST', path: '/v1/commands/whoami', headers: { authorization: 'Bearer secret-token' } },
  ]);
  expect(new TextDecoder().decode(sent[0]!.body!)).toBe('{}');
});

test('a refusal keeps its code and sentence', async () => {
  const client = createControlClient(async () => json(403, { code: 'not_member', message: 'no' }), 't');
  await expect(client.call('list_files', { group: 'team' })).rejects.toMatchObject({
    code: 'not_member',
    message: 'no',
  });
});

test('an answer that is no result of that command is refused', async () => {
  const client = createControlClient(async () => json(200, { user: 7 }), 't');
  await expect(client.call('whoami', {})).rejects.toMatchObject({ code: 'protocol' });
});
