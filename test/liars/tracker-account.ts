import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { request } from 'node:http';
import {
  createStatement,
  createTrackerClient,
  idPreimage,
  type RouteAnswer,
  type RouteInput,
  type SendApiRequest,
  type TrackerRoutes,
} from '@peerage/contract';

/** An account at a tracker with a device key of its own, used through the tracker's API and nothing else of the product. */
export class TrackerAccount {
  readonly #send: SendApiRequest;
  readonly #privateKey: KeyObject;
  readonly #publicKey: string;
  #token: string | undefined;
  #presenceSession = 0;
  #beats = 0;
  device = '';

  private constructor(port: number) {
    this.#send = sendTo(port);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    this.#publicKey = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('hex');
  }

  /** Makes the user at the tracker on that port of loopback, and logs in. */
  static async open(port: number, name: string, password: string): Promise<TrackerAccount> {
    const account = new TrackerAccount(port);
    await account.call('createUser', { body: { ...newCommand(), create: account.#creation(name), password } });
    const session = await account.call('login', {
      body: { name, password, device: account.#publicKey, label: 'of its own making' },
    });
    account.#token = session.token;
    account.#presenceSession = session.presenceSession;
    account.device = session.deviceId;
    return account;
  }

  call<K extends keyof TrackerRoutes>(
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    return createTrackerClient(this.#send).call(name, input, this.#token === undefined ? {} : { token: this.#token });
  }

  /** Is online, and reached by peers at that port of loopback. */
  async beat(port: number): Promise<void> {
    const addresses = [{ host: '127.0.0.1', port }];
    const order = { presenceSession: this.#presenceSession, version: ++this.#beats };
    await this.call('heartbeat', { body: { ...order, addresses, downloading: [], withheld: [] } });
  }

  #creation(name: string) {
    const nonce = randomBytes(16);
    const preimage = idPreimage('user', Buffer.from(this.#publicKey, 'hex'), nonce, name);
    const id = createHash('sha256').update(preimage).digest().subarray(0, 16);
    const signature = sign(null, createStatement('user', id, nonce, name), this.#privateKey).toString('hex');
    return { id: id.toString('hex'), name, nonce: nonce.toString('hex'), device: this.#publicKey, signature };
  }
}

export const newCommand = () => ({ commandId: randomBytes(16).toString('hex') });

const sendTo =
  (port: number): SendApiRequest =>
  ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const sizes = body ? { 'content-length': body.length } : {};
      const asked = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...sizes } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
