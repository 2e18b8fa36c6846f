import type { z } from 'zod';
import { accountCommands } from './commands/accounts.ts';
import { clientCommands } from './commands/client.ts';
import type { ControlCommand } from './commands/command.ts';
import { downloadCommands } from './commands/downloads.ts';
import { groupCommands } from './commands/groups.ts';
import { lookingCommands } from './commands/looking.ts';
import { sharingCommands } from './commands/sharing.ts';

/** Everything that a client can be told to do. */
export const controlCommands = {
  ...accountCommands,
  ...groupCommands,
  ...sharingCommands,
  ...downloadCommands,
  ...lookingCommands,
  ...clientCommands,
} as const satisfies Record<string, ControlCommand>;

export type ControlName = keyof typeof controlCommands;
export type ControlParams<C extends ControlName> = z.infer<(typeof controlCommands)[C]['params']>;
export type ControlResult<C extends ControlName> = z.infer<(typeof controlCommands)[C]['result']>;
