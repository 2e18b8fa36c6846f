import {
  createTrackerClient,
  deviceStatement,
  loginStatement,
  type RouteAnswer,
  type TrackerRoutes,
} from '@peerage/contract';
import type { DeviceKey, Identity } from '../library/identities.ts';
import type { HttpTransport } from './http-transport.ts';

export type TrackerSession = RouteAnswer<TrackerRoutes['login']>;

/** A session at one tracker by the password, for a device key whose possession is shown on the same connection. */
export function passwordSession(
  transport: HttpTransport,
  name: string,
  password: string,
  key: DeviceKey,
  label: string,
): Promise<TrackerSession> {
  return transport.onOneConnection((send, channel) => {
    const device = key.publicKey;
    const statement = deviceStatement(channel, Buffer.from(device, 'hex'));
    const proof = Buffer.from(key.sign(statement)).toString('hex');
    return createTrackerClient(send).call('login', { body: { name, password, device, proof, label } });
  });
}

/** A session at one tracker by the key of a device that it knows. */
export function deviceSession(transport: HttpTransport, { uid: user, key }: Identity): Promise<TrackerSession> {
  const device = key.publicKey;
  return transport.onOneConnection(async (send, channel) => {
    const client = createTrackerClient(send);
    const { challenge } = await client.call('challenge', { body: { user, device } });
    const [challengeBytes, uid, publicKey] = [challenge, user, device].map((hex) => Buffer.from(hex, 'hex'));
    const statement = loginStatement(challengeBytes!, channel, uid!, publicKey!);
    const signature = Buffer.from(key.sign(statement)).toString('hex');
    return client.call('deviceLogin', { body: { user, device, challenge, signature } });
  });
}
