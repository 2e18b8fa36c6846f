import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Team } from '../support/team.ts';
import type { Manners } from './manners.ts';
import type { SeederFigures } from './seeder-wire.ts';

export interface CrookedOrders {
  readonly trackerPort: number;
  readonly user: string;
  readonly groupName: string;
  readonly manners: Manners;
  /** The content that it has. */
  readonly path: string;
}

export type CrookedCall =
  | { readonly call: 'share'; readonly name: string }
  | { readonly call: 'figures' }
  | { readonly call: 'dial'; readonly port: number; readonly device: string };
export interface CrookedReply {
  readonly value: unknown;
}

const entry = fileURLToPath(new URL('./crooked-member-process.ts', import.meta.url));

/** A member with an account, a device and a share of its own, in a process of its own, who does not keep to the rules. Calls one at a time. */
export class CrookedMember {
  readonly user: string;
  readonly #process: ChildProcess;
  device = '';

  private constructor(user: string, process: ChildProcess) {
    this.user = user;
    this.#process = process;
  }

  /** Resolves when it is online as a seeder of `name`. */
  static async start(team: Team, user: string, manners: Manners, path: string, name: string): Promise<CrookedMember> {
    const trackerPort = team.tracker.port;
    const orders: CrookedOrders = { trackerPort, user, groupName: 'team', manners, path };
    const member = new CrookedMember(user, fork(entry, [JSON.stringify(orders)]));
    await member.#reply();
    await team.members[0]!.do('accept_request', 'team', user);
    member.device = (await member.#ask({ call: 'share', name })) as string;
    return member;
  }

  figures(): Promise<SeederFigures> {
    return this.#ask({ call: 'figures' }) as Promise<SeederFigures>;
  }

  /** Connects to a client as its peer; resolves to the types of the messages it got until the client closed the connection. */
  dial(port: number, device: string): Promise<string[]> {
    return this.#ask({ call: 'dial', port, device }) as Promise<string[]>;
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }

  #ask(call: CrookedCall): Promise<unknown> {
    this.#process.send(call);
    return this.#reply();
  }

  async #reply(): Promise<unknown> {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      return await Promise.race([
        once(this.#process, 'message', { signal }).then(([reply]) => (reply as CrookedReply).value),
        once(this.#process, 'exit', { signal }).then(([code]) => {
          throw new Error(`the process of ${this.user} ended (${code})`);
        }),
      ]);
    } finally {
      ended.abort();
    }
  }
}
