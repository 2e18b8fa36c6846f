import { z } from 'zod';

/** What decides where things are; the skins and the client read it from their process. */
export interface Surroundings {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the user who runs the program. */
  readonly homeFolder: string;
  readonly temporaryFolder: string;
  readonly userId: number;
}

export interface Places {
  /** Below it a folder for each client without `--home`. */
  readonly clients: string;
  /** Below it a folder for each tracker without `--data`. */
  readonly trackers: string;
  /** One file for each running client, its content the client's home: how a command finds a client whose home was chosen by hand. */
  readonly running: string;
}

/** Where the platform keeps a program's data: XDG on Linux, Application Support on macOS; and what does not outlive the machine's run. */
export function placesIn({ platform, env, homeFolder, temporaryFolder, userId }: Surroundings): Places {
  const ownData = platform === 'darwin' ? `${homeFolder}/Library/Application Support` : `${homeFolder}/.local/share`;
  const data = `${env['XDG_DATA_HOME'] || ownData}/peerage`;
  const runtime = env['XDG_RUNTIME_DIR'] ? `${env['XDG_RUNTIME_DIR']}/peerage` : `${temporaryFolder}/peerage-${userId}`;
  return { clients: `${data}/client`, trackers: `${data}/tracker`, running: `${runtime}/clients` };
}

/** `control.json` in the home of a running client (0600): how its control API is reached. Gone when the client has ended in order. */
export const ControlFile = z.object({
  format: z.literal(1),
  pid: z.number().int().positive(),
  /** Of the control API, on 127.0.0.1. */
  port: z.number().int().min(1).max(65_535),
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** Where peers reach it. */
  listen: z.string().max(256),
});
export type ControlFile = z.infer<typeof ControlFile>;
export const CONTROL_FILE = 'control.json';
/** In a client's home: the trackers that it was last started with, and is started with when nothing else is said. */
export const HOME_TRACKERS = 'tracker_info.txt';
