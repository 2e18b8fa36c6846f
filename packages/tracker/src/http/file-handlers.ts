import { PeerageError } from '@peerage/contract';
import { keepBlob } from '../blobs/keep-blob.ts';
import type { ListedFile } from '../domain/list-files.ts';
import { asking, commanding, type Handlers, settling } from './handler.ts';
import type { Services } from './services.ts';

const fileRow = ({ presence }: Services, gid: string, file: ListedFile) => ({
  name: file.name,
  infoHash: file.infoHash,
  size: file.sizeBytes,
  pieces: file.pieces,
  sha1: file.sha1,
  ...(file.files !== undefined && { folderFiles: file.files }),
  by: file.by,
  seeders: presence.seeders({ gid, infoHash: file.infoHash }),
  sharedByYou: file.sharedByYou,
});

/** Whether no other tracker may hold anything that this one lacks. */
const knowsAll = ({ replication }: Services): boolean => replication?.knowsAll() ?? true;

export const fileHandlers: Handlers<
  'listFiles' | 'findFile' | 'putMetainfo' | 'getMetainfo' | 'share' | 'stopShare' | 'removeFile' | 'myShares'
> = {
  async listFiles(services, request) {
    const gid = request.params.group;
    const files = await services.writer.run('listFiles', { gid }, asking(request));
    return { files: files.map((file) => fileRow(services, gid, file)) };
  },

  async findFile(services, request) {
    const gid = request.params.group;
    return fileRow(
      services,
      gid,
      await services.writer.run('findFile', { gid, name: request.query.name }, asking(request)),
    );
  },

  async putMetainfo({ writer, blobs }, request) {
    const { group: gid, infoHash } = request.params;
    await writer.run('mayStoreBlob', { gid, blobBytes: 0 }, asking(request));
    const received = await blobs.receive(request.body, gid, infoHash);
    try {
      const mayKeep = (blobBytes: number) => writer.run('mayStoreBlob', { gid, blobBytes }, asking(request));
      await keepBlob({ writer, blobs }, received, { gid, infoHash }, mayKeep);
    } finally {
      await blobs.discard(received);
    }
    return {};
  },

  async getMetainfo({ writer, blobs, replication }, request) {
    const { group: gid, infoHash } = request.params;
    await writer.run('fileOf', { gid, infoHash }, asking(request));
    const isMissing = replication && (await writer.run('lacksBlob', { gid, infoHash }));
    // Where nobody is left to ask it is lost, and the answer says that.
    if (isMissing && !(await replication.fetchBlob(gid, infoHash)) && !replication.knowsAll()) {
      throw new PeerageError(
        'tracker_behind',
        'the tracker that answers does not have the metainfo of that file yet, and can not reach one that has it: try again when it can',
      );
    }
    return blobs.open(gid, infoHash);
  },

  async share(services, request) {
    const gid = request.params.group;
    const { infoHash, ifListed } = request.body;
    const command = ['share', { gid, infoHash, ifListed }] as const;
    const running = services.writer.runThenAsk(command, ['fileOf', { gid, infoHash }], commanding(request));
    const file = await running.catch((error: unknown) => {
      const isAbsent = error instanceof PeerageError && error.code === 'no_such_file';
      if (!isAbsent || knowsAll(services)) throw error;
      throw new PeerageError(
        'tracker_behind',
        'this tracker does not list that content, and may lack what another one has: it is asked again when they are in touch',
      );
    });
    return { ...(await settling(services)), file: fileRow(services, gid, file) };
  },

  async stopShare(services, request) {
    const { writer } = services;
    const { group: gid, infoHash } = request.params;
    await writer.run('stopShare', { gid, infoHash }, commanding(request));
    return settling(services);
  },

  async removeFile(services, request) {
    const { writer } = services;
    await writer.run('removeFile', { gid: request.params.group, name: request.body.name }, commanding(request));
    return settling(services);
  },

  async myShares(services, request) {
    const complete = knowsAll(services); // before it is read: what is merged meanwhile may be missing in what was read
    return { shares: await services.writer.run('myShares', {}, asking(request)), complete };
  },
};
