import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerageError } from '../errors/peerage-error.ts';
import type { ApiRequest } from '../http-api/call-route.ts';
import { createTrackerClient } from './client.ts';

const ID = '0f'.repeat(16);
const HASH = 'ab'.repeat(20);

function answering(status: number, body: string | Uint8Array) {
  const sent: ApiRequest[] = [];
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const client = createTrackerClient(async (request) => {
    sent.push(request);
    return { status, body: bytes };
  });
  return { client, sent };
}

describe('createTrackerClient', () => {
  it('puts params into the path, query and token where they belong', async () => {
    const { client, sent } = answering(200, '{"files":[]}');
    await client.call('listFiles', { params: { group: ID } }, { token: 'secret' });
    expect(sent[0]).toEqual({
      method: 'GET',
      path: `/v1/groups/${ID}/files`,
      headers: { accept: 'application/json', authorization: 'Bearer secret' },
      body: null,
    });
  });

  it('escapes what a path or a query would read as its own', async () => {
    const { client, sent } = answering(404, '{"code":"no_such_group","message":"none"}');
    await expect(client.call('findGroup', { params: { name: 'a/../b ?#' } })).rejects.toThrow('none');
    await expect(client.call('findFile', { params: { group: ID }, query: { name: 'ä&b=c' } })).rejects.toThrow('none');
    expect(sent.map((request) => request.path)).toEqual([
      '/v1/groups/by-name/a%2F..%2Fb%20%3F%23',
      `/v1/groups/${ID}/files/by-name?name=%C3%A4%26b%3Dc`,
    ]);
  });

  it('sends JSON and bytes under their own content types', async () => {
    const { client, sent } = answering(200, '{"settled":true}');
    await client.call('joinGroup', { params: { group: ID }, body: { commandId: ID } });
    await client.call('putMetainfo', { params: { group: ID, infoHash: HASH }, body: new Uint8Array([1, 2]) });
    expect(sent.map((request) => request.headers['content-type'])).toEqual([
      'application/json',
      'application/octet-stream',
    ]);
    expect(new TextDecoder().decode(sent[0]!.body!)).toBe(`{"commandId":"${ID}"}`);
    expect(sent[1]!.body).toEqual(new Uint8Array([1, 2]));
  });

  it("passes the tracker's refusals on", async () => {
    const { client } = answering(403, '{"code":"not_member","message":"you are not a member"}');
    await expect(client.call('listGroups', {})).rejects.toThrow(new PeerageError('not_member', 'you are not a member'));
  });

  it.each([
    [200, '{"groups":[{}]}'],
    [200, ''],
    [200, new Uint8Array([0xff, 0xfe])],
    [302, ''],
    [502, '<html>'],
    [400, '{"code":7}'],
  ])('refuses an answer that is none of the contract: %i %j', async (status, body) => {
    const { client } = answering(status, body);
    await expect(client.call('listGroups', {})).rejects.toMatchObject({ code: 'protocol' });
  });

  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 599 }), fc.uint8Array(), async (status, body) => {
        await expect(answering(status, body).client.call('listGroups', {})).rejects.toBeInstanceOf(PeerageError);
      }),
    );
  });
});
