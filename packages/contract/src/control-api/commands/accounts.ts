import { z } from 'zod';
import { ShownName, TimeMs } from '../../values.ts';
import { command, Name, none, settled } from './command.ts';
import { Share } from './sharing.ts';

export const accountCommands = {
  create_user: command('make an account', z.strictObject({ user: Name, password: z.string() }), settled),
  login: command(
    'log in; everything this user shared on this device is shared again',
    z.strictObject({ user: Name, password: z.string() }),
    z.object({ user: ShownName, shares: z.number().int(), problems: z.array(Share) }),
  ),
  logout: command('stop all sharing and downloads until the next login', none, settled),
  passwd: command('change the password', z.strictObject({ current: z.string(), next: z.string() }), settled),
  rename_user: command('take a new name after a name conflict', z.strictObject({ name: Name }), settled),
  whoami: command('who is logged in', none, z.object({ user: ShownName.nullable(), device: z.string().nullable() })),
  devices: command(
    'your devices',
    none,
    z.object({
      devices: z.array(
        z.object({
          device: z.string(),
          label: z.string(),
          added_at: TimeMs,
          state: z.enum(['active', 'password_needed', 'revoked']),
          online: z.boolean(),
          current: z.boolean(),
        }),
      ),
    }),
  ),
  revoke_device: command('put one of your devices out for ever', z.strictObject({ device: Name }), settled),
} as const;
