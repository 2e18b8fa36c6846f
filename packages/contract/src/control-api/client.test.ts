import { expect, test } from 'vitest';
import { type ControlRequest, createControlClient } from './client.ts';
import type { ControlEvent, Progress } from './events.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
/** The text in chunks that are cut anywhere. */
async function* inChunks(text: string, size = 7) {
  const whole = bytes(text);
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}
const lines = (...values: object[]) => ({
  status: 200,
  body: inChunks(values.map((value) => `${JSON.stringify(value)}\n`).join('')),
});

test('a command is one request with the token, and its result is checked', async () => {
  const sent: ControlRequest[] = [];
  const client = createControlClient(async (request) => {
    sent.push(request);
    return lines({ result: { user: 'alice', device: 'd1', more: 'a newer client may say more' } });
  }, 'secret-token');
  expect(await client.call('whoami', {})).toEqual({ user: 'alice', device: 'd1' });
  expect(sent).toMatchObject([
    { method: 'POST', path: '/v1/commands/whoami', headers: { authorization: 'Bearer secret-token' }, body: '{}' },
  ]);
});

test('progress and events arrive before the result', async () => {
  const heard: (Progress | ControlEvent)[] = [];
  const progress: Progress = { what: 'hashing', doneBytes: 1, totalBytes: 2 };
  const event: ControlEvent = { type: 'notice', message: 'größe' };
  const answer = lines({ progress }, { event }, { newer: 1 }, { result: { user: null, device: null } });
  const client = createControlClient(async () => answer, 't', { onEvent: (told) => heard.push(told) });
  await client.call('whoami', {}, { onProgress: (told) => heard.push(told) });
  expect(heard).toEqual([progress, event]);
});

test('a refusal keeps its code and sentence, whether it comes as the status or as the last line', async () => {
  const refusal = { code: 'not_member', message: 'no' };
  const early = createControlClient(async () => ({ status: 403, body: inChunks(JSON.stringify(refusal)) }), 't');
  await expect(early.call('list_files', { group: 'team' })).rejects.toMatchObject(refusal);
  const late = createControlClient(async () => lines({ error: refusal }), 't');
  await expect(late.call('list_files', { group: 'team' })).rejects.toMatchObject(refusal);
});

test.each([
  ['no result of that command', lines({ result: { user: 7 } })],
  ['cut off', { status: 200, body: inChunks('{"progress":{"what":"hashing","doneBytes":1,"totalBytes":2}}\n') }],
  ['no JSON', { status: 200, body: inChunks('hello\n') }],
  ['empty', { status: 200, body: inChunks('') }],
  ['a page of somebody else', { status: 404, body: inChunks('<html>') }],
])('an answer that is %s is refused', async (_, answer) => {
  const client = createControlClient(async () => answer, 't');
  await expect(client.call('whoami', {})).rejects.toMatchObject({ code: 'protocol' });
});
