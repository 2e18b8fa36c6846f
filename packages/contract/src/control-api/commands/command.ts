import { z } from 'zod';

/**
 * What a client can be told to do: one entry a verb, the same for shell, one-shot calls, HTTP skin and page.
 * Params are plain data as a person gave them (names, not ids; paths absolute, made so by the skin that knows the folder of the call);
 * the client answers with the result or throws a PeerageError. `-` in summaries is what `help` shows.
 */
export interface ControlCommand {
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly result: z.ZodObject;
}

export const none = z.strictObject({});
export const Name = z.string().max(1024);
export const Path = z.string().min(1).max(4096);
export const settled = z.object({ settled: z.boolean() });
export const inGroup = z.strictObject({ group: Name });
export const fileInGroup = z.strictObject({ group: Name, file: Name });
export const memberInGroup = z.strictObject({ group: Name, user: Name });

export const command = <P extends z.ZodObject, R extends z.ZodObject>(summary: string, params: P, result: R) =>
  ({ summary, params, result }) satisfies ControlCommand;
