import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import { CommandId, Id, InfoHashHex } from '../values.ts';
import { Command, FileRow, Group, Ok, Settled, ShareKey, TypedName } from './shapes.ts';

/** A group's catalogue: metainfo, and who intends to share what. */
export const fileRoutes = {
  listFiles: {
    method: 'GET',
    path: '/v1/groups/:group/files',
    summary: 'The catalogue of a group, by name; members only.',
    session: true,
    params: Group,
    answer: z.object({ files: z.array(FileRow) }),
  },
  findFile: {
    method: 'GET',
    path: '/v1/groups/:group/files/by-name',
    summary: 'One entry of the catalogue; members only.',
    session: true,
    params: Group,
    query: z.object({ name: TypedName }),
    answer: FileRow,
  },
  putMetainfo: {
    method: 'PUT',
    path: '/v1/groups/:group/metainfo/:infoHash',
    summary:
      'Store the canonical info dictionary (docs/spec/metainfo.md) before it is shared; members only. Its SHA-1, group id and geometry are checked. Kept for an hour if nothing refers to it.',
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    body: 'bytes',
    answer: Ok,
  },
  getMetainfo: {
    method: 'GET',
    path: '/v1/groups/:group/metainfo/:infoHash',
    summary: 'The canonical info dictionary of a listed share; members only.',
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    answer: 'bytes',
  },
  share: {
    method: 'POST',
    path: '/v1/groups/:group/shares',
    summary:
      "Turn this device's intent to share on. Equal content under the same name adds a sharer; other content under a taken name is refused. `ifListed`: only where the group lists the content already, as who has just downloaded it wants.",
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, infoHash: InfoHashHex, ifListed: z.boolean().optional() }),
    answer: Settled.extend({ file: FileRow }),
  },
  stopShare: {
    method: 'POST',
    path: '/v1/groups/:group/shares/:infoHash/stop',
    summary: "Turn this device's intent to share off; when the last intent ends, the name is free.",
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    body: Command,
    answer: Settled,
  },
  removeFile: {
    method: 'POST',
    path: '/v1/groups/:group/files/remove',
    summary: 'End an entry for all; owner or first sharer.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, name: TypedName }),
    answer: Settled,
  },
  myShares: {
    method: 'GET',
    path: '/v1/me/shares',
    summary:
      "What this device's intents to share are, for sharing again after a login. `complete`: no other tracker may know of more.",
    session: true,
    answer: z.object({ shares: z.array(ShareKey.extend({ name: z.string() })), complete: z.boolean() }),
  },
} as const satisfies RouteTable;
