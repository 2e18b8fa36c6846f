import { createHash, hash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeInfo, type FileInfo, Geometry, type InfoHash, infoHashOf, parseGroupId } from '@peerage/bittorrent';
import { certifiedLinks } from '../../net/certified-links.ts';
import { plainLinks } from '../../net/plain-tcp.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import type { EngineEvent, EngineValue, ListenAddress, PeerCandidate, TransferSnapshot } from '../engine-protocol.ts';

export const group = parseGroupId('0123456789abcdef0123456789abcdef')!;

/** A file's content with its metainfo. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly info: Uint8Array;
  readonly parsed: FileInfo;
  readonly share: InfoHash;
}

/** Bytes that differ in every piece, the same for the same seed. */
export const contentOf = (sizeBytes: number, seed = 1, options: { wrongSha1?: boolean } = {}): Content =>
  contentWith(differingBytes(sizeBytes, seed), `content-${seed}.bin`, options);

function differingBytes(sizeBytes: number, seed: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let at = 0; at + 4 <= sizeBytes; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state, at);
  }
  return bytes;
}

/** That content, as somebody shares it. */
export function contentWith(bytes: Buffer, name: string, options: { wrongSha1?: boolean } = {}): Content {
  const geometry = new Geometry(bytes.length);
  const pieceHashes = Buffer.concat(
    [...geometry.pieces()].map((piece) => {
      const offset = geometry.pieceOffsetBytes(piece);
      return hash('sha1', bytes.subarray(offset, offset + geometry.pieceLengthBytes(piece)), 'buffer');
    }),
  );
  const sha1 = createHash('sha1')
    .update(options.wrongSha1 ? 'something else' : bytes)
    .digest();
  const parsed: FileInfo = { kind: 'file', name, group, geometry, pieceHashes, sha1 };
  const info = encodeInfo(parsed);
  const share = infoHashOf(info, (all) => createHash('sha1').update(all).digest());
  return { bytes, info, parsed, share };
}

/** `certified`: over mutual TLS, as in the product; else plain TCP, where everybody is believed. */
type BedOptions = Partial<EngineOptions> & { readonly certified?: boolean };

/** One engine of a test, with a folder and a record of all it told. */
export class TestEngine {
  readonly device: string;
  readonly user: string;
  readonly folder: string;
  readonly events: EngineEvent[] = [];
  readonly engine: Engine;
  #watchers = new Set<() => void>();
  port = 0;

  private constructor(number: number, folder: string, options: BedOptions) {
    this.device = number.toString(16).padStart(32, '0');
    this.user = `user${number}`;
    this.folder = folder;
    this.engine = new Engine({
      links: options.certified ? certifiedLinks : plainLinks(),
      ...options,
      onEvent: (event) => {
        this.events.push(event);
        for (const watcher of [...this.#watchers]) watcher();
      },
    });
  }

  static async start(number: number, folder: string, options: BedOptions = {}): Promise<TestEngine> {
    const engine = new TestEngine(number, folder, options);
    const address = await engine.engine.handle({ type: 'listen', host: '127.0.0.1', port: 0 });
    engine.port = (address as ListenAddress).port;
    await engine.engine.handle({ type: 'identify', self: { device: engine.device, user: engine.user } });
    return engine;
  }

  get candidate(): PeerCandidate {
    return { device: this.device, user: this.user, addresses: [{ host: '127.0.0.1', port: this.port }] };
  }

  path(name: string): string {
    return join(this.folder, `${this.user}-${name}`);
  }

  async seed(content: Content, identity = ''): Promise<string> {
    const path = this.path(content.parsed.name);
    await writeFile(path, content.bytes);
    await this.engine.handle({ type: 'seed', share: content.share, info: content.info, path, identity });
    await this.phase(content, 'seeding');
    return path;
  }

  async fetch(content: Content, options: { paused?: boolean; peers?: TestEngine[] } = {}): Promise<string> {
    const destination = this.path(`copy-of-${content.parsed.name}`);
    await this.engine.handle({
      type: 'fetch',
      share: content.share,
      info: content.info,
      destination,
      journal: `${destination}.journal`,
      paused: options.paused ?? false,
    });
    if (options.peers !== undefined) await this.peers(content, options.peers);
    return destination;
  }

  peers(content: Content, peers: readonly { readonly candidate: PeerCandidate }[]): Promise<EngineValue> {
    return this.engine.handle({ type: 'peers', share: content.share, peers: peers.map((peer) => peer.candidate) });
  }

  snapshot(content: Content): TransferSnapshot | undefined {
    for (const event of this.events.toReversed()) {
      if (event.type !== 'snapshots') continue;
      const found = event.transfers.find((transfer) => transfer.share === content.share);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Resolves as soon as the condition holds after something was told. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  phase(content: Content, phase: TransferSnapshot['phase']): Promise<void> {
    return this.until(() => this.snapshot(content)?.phase === phase);
  }

  event<Type extends EngineEvent['type']>(type: Type): Extract<EngineEvent, { type: Type }> | undefined {
    return this.events.find((event): event is Extract<EngineEvent, { type: Type }> => event.type === type);
  }

  async completed(content: Content): Promise<void> {
    await this.until(() => this.events.some((event) => event.type === 'completed' && event.share === content.share));
  }

  close(): Promise<EngineValue> {
    return this.engine.handle({ type: 'shutdown' });
  }
}

/** Engines in one temporary folder; `end` stops and removes everything. */
export class TestBed {
  readonly folder: string;
  readonly #engines: TestEngine[] = [];
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<TestBed> {
    return new TestBed(await mkdtemp(join(tmpdir(), 'peerage-engine-')));
  }

  async engine(options: BedOptions & { number?: number } = {}): Promise<TestEngine> {
    const engine = await TestEngine.start(options.number ?? ++this.#count, this.folder, options);
    this.#engines.push(engine);
    return engine;
  }

  async end(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()));
    await rm(this.folder, { recursive: true });
  }
}

export const sameBytes = async (path: string, bytes: Uint8Array): Promise<boolean> =>
  Buffer.compare(await readFile(path), bytes) === 0;
