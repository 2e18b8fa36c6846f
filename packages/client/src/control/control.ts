import {
  type CallOptions,
  type ControlApi,
  type ControlEvent,
  type ControlName,
  type ControlParams,
  type ControlResult,
  controlCommands,
  PeerageError,
} from '@peerage/contract';
import { accountCommands } from './accounts.ts';
import { activityCommands } from './activity/activity-command.ts';
import { browseCommands } from './browse.ts';
import { catalogueCommands } from './catalogue.ts';
import { downloadFileCommands } from './download.ts';
import { downloadCommands } from './downloads.ts';
import type { EventFan } from './event-fan.ts';
import { folderFilesCommands } from './folder-files.ts';
import { groupCommands } from './groups.ts';
import type { Client, Handlers } from './handler.ts';
import { invitationCommands } from './invitations.ts';
import { limitCommands } from './limits.ts';
import { overviewCommands } from './overview.ts';
import { transferCommands } from './show-transfer.ts';
import { uploadCommands } from './upload.ts';
import { verifyCommands } from './verify.ts';

const handlers: Handlers<ControlName> = {
  ...accountCommands,
  ...groupCommands,
  ...invitationCommands,
  ...catalogueCommands,
  ...uploadCommands,
  ...verifyCommands,
  ...downloadFileCommands,
  ...downloadCommands,
  ...overviewCommands,
  ...limitCommands,
  ...browseCommands,
  ...folderFilesCommands,
  ...transferCommands,
  ...activityCommands,
};

/** The facade of a client: every skin calls this and nothing else. */
export class Control implements ControlApi {
  readonly #client: Client;
  readonly #events: EventFan;
  readonly #log: (error: unknown, command: string) => void;

  constructor(client: Client, events: EventFan, log: (error: unknown, command: string) => void) {
    this.#client = client;
    this.#events = events;
    this.#log = log;
  }

  async call<C extends ControlName>(
    command: C,
    params: ControlParams<C>,
    options: CallOptions = {},
  ): Promise<ControlResult<C>> {
    const parsed = controlCommands[command].params.safeParse(params);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new PeerageError('usage', `${command}: ${issue?.path.join('.') || 'its words'}: ${issue?.message}`);
    }
    if (options.signal?.aborted) throw new PeerageError('interrupted', 'interrupted before it began');
    try {
      return await handlers[command](this.#client, parsed.data as ControlParams<C>, options);
    } catch (error) {
      if (error instanceof PeerageError) throw error;
      this.#log(error, command);
      const words = error instanceof Error ? error.message : String(error);
      throw new PeerageError('internal', `${command} failed inside peerage (${words}): the log in the home has more`);
    }
  }

  subscribe(listener: (event: ControlEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }
}
