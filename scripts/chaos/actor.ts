import type { ControlName, ControlResult } from '@peerage/contract';
import type { ClientProcess } from '../drive/client-process.ts';
import type { Journal } from './journal.ts';

/** One client with the account that is logged in on it. Used by one episode at a time. */
export class Actor {
  readonly client: ClientProcess;
  readonly index: number;
  readonly folder: string;
  readonly journal: Journal;
  user = '';
  device = '';

  constructor(client: ClientProcess, index: number, folder: string, journal: Journal) {
    this.client = client;
    this.index = index;
    this.folder = folder;
    this.journal = journal;
  }

  get password(): string | undefined {
    return this.journal.users.get(this.user)?.password;
  }

  /** Does a command and notes what was told; undefined where it was refused: whether it happened is not known then. */
  async does<C extends ControlName>(command: C, ...words: string[]): Promise<ControlResult<C> | undefined> {
    const answer = await this.client.send(command, ...words);
    if (!answer.ok) {
      this.journal.refused(command, answer.error.code);
      return undefined;
    }
    this.journal.acknowledged(command);
    return answer.result as ControlResult<C>;
  }

  /** A new account, logged in. False where that was refused. */
  async becomes(name: string, password: string): Promise<boolean> {
    await this.leaves();
    this.journal.users.set(name, { password: undefined, devicesOut: new Map(), isContested: false });
    if (!(await this.does('create_user', name, password))) return false;
    this.journal.users.get(name)!.password = password;
    return this.logsIn(name, password);
  }

  async logsIn(name: string, password: string): Promise<boolean> {
    const known = this.journal.users.get(name);
    if (!(await this.does('login', name, password))) return false;
    this.user = name;
    this.device = (await this.does('whoami'))?.device ?? '';
    known?.devicesOut.delete(this.device);
    return true;
  }

  /** Logs out, if anybody is logged in. */
  async leaves(): Promise<void> {
    const [known, { device }] = [this.journal.users.get(this.user), this];
    const answer = await this.client.send('logout');
    this.user = '';
    if (!answer.ok) return;
    this.journal.acknowledged('logout');
    // Where no tracker could be told the client ends its side, and says that it is not settled.
    if ((answer.result as { settled: boolean }).settled && device !== '') known?.devicesOut.set(device, 'logged_out');
  }
}
