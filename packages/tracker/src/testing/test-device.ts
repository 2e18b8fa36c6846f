import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  type Channel,
  createStatement,
  createTrackerClient,
  deviceStatement,
  type IdKind,
  idPreimage,
  loginStatement,
  type RouteAnswer,
  type RouteInput,
  type SendApiRequest,
  type TrackerRoutes,
} from '@peerage/contract';

export const newCommandId = (): string => randomBytes(16).toString('hex');

/** How a device reaches a tracker, and what it knows of the connection that its next request takes. */
export type DeviceLink = SendApiRequest & { readonly channel: () => Promise<Channel> };

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** A device that talks to a tracker as a client does, in as few words as tests like. */
export class TestDevice {
  readonly #privateKey: KeyObject;
  readonly publicKey: string;
  readonly #send: DeviceLink;
  token: string | undefined;
  uid = '';
  deviceId = '';
  presenceSession = 0;
  #beats = 0;

  constructor(send: DeviceLink, privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey) {
    this.#privateKey = privateKey;
    const publicKey = createPublicKey(privateKey);
    this.publicKey = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
    this.#send = send;
  }

  /** The same device, reaching the tracker in another way. */
  over(send: DeviceLink): TestDevice {
    const same = new TestDevice(send, this.#privateKey);
    same.uid = this.uid;
    same.token = this.token;
    same.deviceId = this.deviceId;
    return same;
  }

  channel(): Promise<Channel> {
    return this.#send.channel();
  }

  call<K extends keyof TrackerRoutes>(
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    return createTrackerClient(this.#send).call(name, input, this.token === undefined ? {} : { token: this.token });
  }

  /** Under an id that it makes, as it has to, or under another's. */
  creation(kind: IdKind, name: string, foreignId?: string) {
    const nonce = randomBytes(16);
    const preimage = idPreimage(kind, Buffer.from(this.publicKey, 'hex'), nonce, name);
    const own = createHash('sha256').update(preimage).digest().subarray(0, 16);
    const id = foreignId === undefined ? own : bytes(foreignId);
    const signature = sign(null, createStatement(kind, id, nonce, name), this.#privateKey).toString('hex');
    return { id: id.toString('hex'), name, nonce: nonce.toString('hex'), device: this.publicKey, signature };
  }

  createUser(name: string, password = 'secret') {
    const create = this.creation('user', name);
    return this.call('createUser', { body: { commandId: newCommandId(), create, password } });
  }

  async login(name: string, password = 'secret'): Promise<void> {
    const proof = this.signDevice(await this.#send.channel());
    this.#opened(await this.call('login', { body: { name, password, device: this.publicKey, proof, label: 'test' } }));
  }

  /** Shows that it has its key, as hex. */
  signDevice(channel: Channel): string {
    return sign(null, deviceStatement(channel, bytes(this.publicKey)), this.#privateKey).toString('hex');
  }

  /** Signs a login challenge, as hex. */
  signLogin(challenge: string, channel: Channel): string {
    const statement = loginStatement(bytes(challenge), channel, bytes(this.uid), bytes(this.publicKey));
    return sign(null, statement, this.#privateKey).toString('hex');
  }

  async loginByKey(): Promise<void> {
    const { challenge } = await this.call('challenge', { body: { user: this.uid, device: this.publicKey } });
    const signature = this.signLogin(challenge, await this.#send.channel());
    this.#opened(
      await this.call('deviceLogin', { body: { user: this.uid, device: this.publicKey, challenge, signature } }),
    );
  }

  async createGroup(name: string): Promise<string> {
    const create = this.creation('group', name);
    return (await this.call('createGroup', { body: { commandId: newCommandId(), create } })).group.id;
  }

  join(group: string) {
    return this.call('joinGroup', { params: { group }, body: { commandId: newCommandId() } });
  }

  decide(group: string, user: string, decision: 'accept' | 'reject') {
    return this.call('decideRequest', { params: { group }, body: { commandId: newCommandId(), user, decision } });
  }

  async share(group: string, metainfo: Uint8Array): Promise<string> {
    const infoHash = createHash('sha1').update(metainfo).digest('hex');
    await this.call('putMetainfo', { params: { group, infoHash }, body: metainfo });
    await this.call('share', { params: { group }, body: { commandId: newCommandId(), infoHash } });
    return infoHash;
  }

  beat(
    port: number,
    downloading: { group: string; infoHash: string }[] = [],
    withheld: { group: string; infoHash: string }[] = [],
  ) {
    const { presenceSession } = this;
    const addresses = [{ host: '127.0.0.1', port }];
    return this.call('heartbeat', {
      body: { presenceSession, version: ++this.#beats, addresses, downloading, withheld },
    });
  }

  async standing(name: string): Promise<string> {
    return (await this.call('findGroup', { params: { name } })).standing;
  }

  #opened(session: RouteAnswer<TrackerRoutes['login']>): void {
    this.token = session.token;
    this.uid = session.user.id;
    this.deviceId = session.deviceId;
    this.presenceSession = session.presenceSession;
    this.#beats = 0;
  }
}
