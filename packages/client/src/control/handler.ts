import type { CallOptions, ControlName, ControlParams, ControlResult } from '@peerage/contract';
import type { ClientParts } from '../parts.ts';
import type { Session } from '../session.ts';
import type { Page } from './page/page.ts';

/** What a command's handler works with. */
export interface Client extends ClientParts {
  readonly session: Session;
  /** The address that peers reach this client at. */
  readonly listenAddress: string;
  readonly home: string;
  readonly page: Page;
  /** In the order of the tracker file, each with its key: pinned by the file, else shown at first contact. */
  readonly knownTrackers: () => readonly { readonly address: string; readonly pin: string | null }[];
  /** Asks the program to end this client. */
  readonly stop: () => void;
}

type Handler<C extends ControlName> = (
  client: Client,
  params: ControlParams<C>,
  options: CallOptions,
) => Promise<ControlResult<C>>;

/** Some of the commands, each with its handler. */
export type Handlers<C extends ControlName> = { readonly [K in C]: Handler<K> };
