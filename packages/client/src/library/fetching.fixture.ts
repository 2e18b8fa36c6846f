import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineRequest, EngineValue, TransferSnapshot } from '../engine/engine-protocol.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { DownloadRow } from './download-rows.ts';
import { Fetching } from './fetching.ts';
import { newDeviceKey } from './identities.ts';
import { Library } from './library.ts';

export const failure = { code: 'integrity', message: 'it does not match' } as const;

/** Downloads over a real library, with an engine that says yes to everything and tells what a test lets it tell. */
export class FetchingBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-fetching-'));
  readonly library = new Library(this.folder);
  readonly fetching: Fetching;
  /** What happens while the engine is asked. */
  during: (request: EngineRequest) => unknown = () => undefined;

  private constructor() {
    const engine: EngineThread = {
      request: async (request) => {
        return ((await this.during(request)) as EngineValue | undefined) ?? null;
      },
      close: async () => undefined,
    };
    this.fetching = new Fetching({
      library: this.library,
      engine,
      home: this.folder,
      nowMs: () => 1,
      tell: () => undefined,
      presenceChanged: () => undefined,
      completed: () => undefined,
    });
  }

  static async start(): Promise<FetchingBed> {
    const bed = new FetchingBed();
    await bed.startAgain();
    return bed;
  }

  /** Alice logs in (again): what the library knows is all there is. */
  startAgain(): Promise<void> {
    return this.fetching.start({ uid: 'u1', name: 'alice', deviceId: 'd1', key: newDeviceKey() });
  }

  add(name: string): Promise<DownloadRow> {
    const wanted = { infoHash: name, gid: 'g1', groupName: 'team', name, destination: join(this.folder, name) };
    return this.fetching.add({ ...wanted, sizeBytes: 7, folder: null }, new Uint8Array(1));
  }

  /** The engine tells that a transfer is in that phase. */
  phase(
    name: string,
    phase: TransferSnapshot['phase'],
    reason: TransferSnapshot['reason'] = null,
    doneBytes = 0,
  ): void {
    const rates = {
      downBytesPerSecond: 0,
      upBytesPerSecond: 5,
      uploadedBytes: 0,
      usefulPeers: 0,
      connected: [],
      copies: null,
    };
    this.fetching.news.onSnapshot({
      share: name,
      phase,
      sizeBytes: 7,
      doneBytes,
      ...rates,
      sources: doneBytes > 0 ? [{ device: 'd2', user: 'bob', bytes: doneBytes }] : [],
      files: null,
      reason,
    });
  }

  complete(name: string): void {
    this.fetching.news.onCompleted({ type: 'completed', share: name, path: '', identity: '{}' });
  }

  /** As the engine tells it: the snapshot first. */
  fail(name: string): void {
    this.phase(name, 'failed', failure);
    this.fetching.news.onFailed({ type: 'failed', share: name, ...failure });
  }

  end(): void {
    this.library.close();
    rmSync(this.folder, { recursive: true });
  }
}
