import { randomBytes } from 'node:crypto';
import { keys } from '../domain/entities.ts';
import { defaultLimits, type Limits } from '../domain/limits.ts';
import type { OperationInput, OperationName, OperationResult } from '../domain/operations.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { type Commanding, createWriter, type Writer, type WriterGuards } from '../store/writer.ts';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** The domain over a memory store, with a clock that tests turn: 10:12 on some day. */
export class World {
  nowMs = Date.UTC(2025, 2, 1, 10, 12);
  readonly store = new MemoryStore(() => this.nowMs);
  readonly writer: Writer;

  constructor(limits: Partial<Limits> = {}, guards: WriterGuards = {}) {
    this.writer = createWriter(this.store, { ...defaultLimits, ...limits }, guards);
  }

  /** A user who is logged in on one device. */
  async user(name: string): Promise<Person> {
    const uid = hex(16);
    await this.writer.run('createUser', {
      uid,
      creation: creation(name),
      passwordHash: `hash of ${name}`,
      epoch: hex(16),
    });
    const person = new Person(this, uid, name, hex(16));
    await person.login();
    return person;
  }
}

export const creation = (name: string) => ({ name, device: hex(32), nonce: hex(16), signature: hex(64) });

export class Person {
  readonly world: World;
  readonly uid: string;
  readonly name: string;
  readonly device: string;

  constructor(world: World, uid: string, name: string, device: string) {
    this.world = world;
    this.uid = uid;
    this.name = name;
    this.device = device;
  }

  /** The same user on another device, logged in there. */
  async onAnotherDevice(): Promise<Person> {
    const other = new Person(this.world, this.uid, this.name, hex(16));
    await other.login();
    return other;
  }

  async login(verifiedHash = `hash of ${this.name}`): Promise<string> {
    const { uid, device } = this;
    const tokenHash = hex(32);
    const login = { uid, device, publicKey: hex(32), label: 'test', tokenHash, loginId: hex(16), verifiedHash };
    await this.world.writer.run('logInByPassword', login);
    return tokenHash;
  }

  as(commandId = hex(16), bodyHash = ''): Commanding {
    return {
      actor: { uid: this.uid, device: this.device },
      command: { id: commandId, tag: { route: 'test', bodyHash } },
    };
  }

  run<K extends OperationName>(name: K, input: OperationInput<K>): Promise<OperationResult<K>> {
    return this.world.writer.run(name, input, ...([this.as()] as never));
  }

  async createGroup(name: string): Promise<string> {
    return (await this.run('createGroup', { gid: hex(16), creation: creation(name), labelKey: hex(32) })).gid;
  }

  async joins(gid: string, owner: Person): Promise<void> {
    await this.run('joinGroup', { gid });
    await owner.run('decideRequest', { gid, user: this.name, decision: 'accept' });
  }

  /** Offers content, whose metainfo the tracker is given before. */
  async shares(gid: string, name: string, infoHash = hex(20)): Promise<string> {
    const about = { name, sizeBytes: 1, pieces: 1, sha1: hex(20), blobBytes: 100 };
    await this.world.writer.run('rememberBlob', { gid, infoHash, about });
    await this.run('share', { gid, infoHash });
    return infoHash;
  }

  async files(gid: string): Promise<string[]> {
    return (await this.run('listFiles', { gid })).map((file) => file.name);
  }

  async standing(gid: string): Promise<string> {
    return (await this.run('listGroups', {})).find((group) => group.id === gid)?.standing ?? 'no such group';
  }

  membership(gid: string) {
    return this.world.store.get('membership', keys.membership(gid, this.uid));
  }
}
