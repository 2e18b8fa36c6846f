import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { Memberships } from '../../packages/client/src/net/memberships.ts';
import { type MutualTls, mutualTls } from '../../packages/client/src/net/mutual-tls.ts';
import { TrackerClock } from '../../packages/client/src/net/tracker-clock.ts';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';

/** An account at a tracker with a device of its own, and the certificate of each group that it is a member of: what the product's engine is not needed for. */
export class CertifiedDevice {
  readonly device: TestDevice;
  readonly transport: MutualTls;
  readonly #agent = trackerAgent();
  readonly #memberships = new Memberships(new TrackerClock(() => performance.now()));
  readonly #pem: string;

  private constructor(port: number) {
    const { privateKey } = generateKeyPairSync('ed25519');
    this.#pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.device = new TestDevice(httpSend(port, this.#agent), createPrivateKey(this.#pem));
    this.transport = mutualTls(this.#memberships, () => undefined); // who is refused here is no figure of these tests
  }

  /** Makes the user at the tracker on that port of loopback, and logs in. */
  static async open(port: number, name: string, password: string): Promise<CertifiedDevice> {
    const certified = new CertifiedDevice(port);
    await certified.device.createUser(name, password);
    await certified.device.login(name, password);
    return certified;
  }

  /** Another device of a user who is there already. */
  static async another(port: number, name: string, password: string): Promise<CertifiedDevice> {
    const certified = new CertifiedDevice(port);
    await certified.device.login(name, password);
    return certified;
  }

  /** From now on the transport reaches that group, of which the user has to be a member. */
  async certify(group: string): Promise<void> {
    const answer = await this.device.call('certificates', { body: { groups: [group] } });
    const [given] = answer.certificates;
    if (!given) throw new Error('the tracker certified nothing: not a member?');
    this.#memberships.set({
      group,
      certificate: Buffer.from(given.certificate, 'base64'),
      key: this.#pem,
      labelKey: Buffer.from(given.labelKey, 'hex'),
      issuers: answer.issuers.map((issuer) => Buffer.from(issuer, 'base64')),
      retired: answer.retiredIssuers.map((issuer) => Buffer.from(issuer, 'base64')),
      notAfterMs: given.notAfterMs,
      nowMs: answer.nowMs,
    });
  }

  close(): void {
    this.transport.close();
    this.#agent.destroy();
  }
}
