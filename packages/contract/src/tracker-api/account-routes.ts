import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import { CommandId, DevicePublicKey, Id, ShownName, Signature, TimeMs } from '../values.ts';
import { Command, Creation, callLimits, Password, Session, Settled, Taking, TypedName } from './shapes.ts';

/** Accounts, sessions, devices. */
export const accountRoutes = {
  createUser: {
    method: 'POST',
    path: '/v1/users',
    summary: 'Make an account. A retry with the same creation is the same account; it never changes the password.',
    session: false,
    body: z.strictObject({ commandId: CommandId, create: Creation, password: Password }),
    answer: Settled.extend({ user: z.object({ id: Id, name: ShownName }) }),
  },
  login: {
    method: 'POST',
    path: '/v1/sessions',
    summary:
      'Log in with a password; the device is known from then on. `proof`: Ed25519 over "peerage-device-v1" 0x00 channel(32) trackerPin(32) device(32).',
    session: false,
    body: z.strictObject({
      name: TypedName,
      password: Password,
      device: DevicePublicKey,
      proof: Signature,
      label: z.string().max(callLimits.labelCharacters),
    }),
    answer: Session,
  },
  challenge: {
    method: 'POST',
    path: '/v1/challenges',
    summary:
      'Ask for a challenge that a known device signs instead of giving the password. Good once, for 30 s, on this connection.',
    session: false,
    body: z.strictObject({ user: Id, device: DevicePublicKey }),
    answer: z.object({ challenge: z.string().regex(/^[0-9a-f]{64}$/) }),
  },
  deviceLogin: {
    method: 'POST',
    path: '/v1/sessions/device',
    summary:
      'Log in with a signed challenge: Ed25519 over "peerage-login-v1" 0x00 challenge(32) channel(32) trackerPin(32) user(16) device(32). Refused after logout or a password change.',
    session: false,
    body: z.strictObject({
      user: Id,
      device: DevicePublicKey,
      challenge: z.string().regex(/^[0-9a-f]{64}$/),
      signature: Signature,
    }),
    answer: Session,
  },
  logout: {
    method: 'DELETE',
    path: '/v1/sessions/current',
    summary: 'End the session; this device needs the password again.',
    session: true,
    body: Command,
    answer: Taking,
  },
  changePassword: {
    method: 'PUT',
    path: '/v1/me/password',
    summary: 'Change the password; every other session and device of the user needs it from now on.',
    session: true,
    body: z.strictObject({ commandId: CommandId, current: Password, next: Password }),
    answer: Taking,
  },
  renameUser: {
    method: 'PUT',
    path: '/v1/me/name',
    summary: 'A new name for the loser of a name made on both sides of a cut.',
    session: true,
    body: z.strictObject({ commandId: CommandId, name: TypedName }),
    answer: Settled,
  },
  me: {
    method: 'GET',
    path: '/v1/me',
    summary: 'Who the session belongs to.',
    session: true,
    answer: z.object({ user: z.object({ id: Id, name: ShownName }), deviceId: Id, nowMs: TimeMs }),
  },
  listDevices: {
    method: 'GET',
    path: '/v1/me/devices',
    summary: "The user's devices.",
    session: true,
    answer: z.object({
      devices: z.array(
        z.object({
          id: Id,
          label: z.string(),
          addedAt: TimeMs,
          state: z.enum(['active', 'password_needed', 'revoked']),
          online: z.boolean(),
          current: z.boolean(),
        }),
      ),
    }),
  },
  revokeDevice: {
    method: 'POST',
    path: '/v1/me/devices/:device/revoke',
    summary: 'Put a device out for ever.',
    session: true,
    params: z.object({ device: Id }),
    body: Command,
    answer: Taking,
  },
} as const satisfies RouteTable;
