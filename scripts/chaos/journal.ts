import type { ControlName } from '@peerage/contract';

/** What an acknowledged write has to be in the end; undefined where a later command on the same thing has no certain outcome. */
type Fact<T> = T | undefined;

export interface KnownUser {
  password: Fact<string>;
  /** Devices that logged out, or were put out, and did not log in since. */
  readonly devicesOut: Map<string, 'logged_out' | 'revoked'>;
  isContested: boolean;
}

export type MemberState = 'pending' | 'member' | 'left' | 'rejected' | 'removed';

export interface KnownGroup {
  readonly creator: string;
  readonly members: Map<string, Fact<MemberState>>;
  /** Files by name: listed or not. */
  readonly files: Map<string, Fact<boolean>>;
  isContested: boolean;
}

/** One acknowledged creation of a name that others tried to make at the same moment. */
export interface Claimed {
  readonly by: string;
  readonly settled: boolean;
}

/** So many acknowledged successes of each command are wanted of a run. */
export const GOAL = 100;
const driven = [
  'create_user',
  'login',
  'logout',
  'passwd',
  'rename_user',
  'revoke_device',
  'create_group',
  'rename_group',
  'list_groups',
  'join_group',
  'accept_request',
  'reject_request',
  'leave_group',
  'remove_member',
  'upload_file',
  'download_file',
  'stop_share',
  'remove_file',
] as const satisfies readonly ControlName[];

/** What clients were told has happened: written down when the answer is there, read by the audit. */
export class Journal {
  readonly successes = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  readonly users = new Map<string, KnownUser>();
  readonly groups = new Map<string, KnownGroup>();
  readonly contested = { user: new Map<string, Claimed[]>(), group: new Map<string, Claimed[]>() };
  writes = 0;

  acknowledged(command: ControlName): void {
    this.writes++;
    this.successes.set(command, (this.successes.get(command) ?? 0) + 1);
  }

  /** How much of the goal a command lacks, from 0 (reached) to 1. */
  lacks(command: ControlName): number {
    return Math.max(0, 1 - (this.successes.get(command) ?? 0) / GOAL);
  }

  /** Commands of the goal that it is not reached for. */
  get short(): readonly ControlName[] {
    return driven.filter((command) => this.lacks(command) > 0);
  }

  refused(command: ControlName, code: string): void {
    const key = `${command}: ${code}`;
    this.refusals.set(key, (this.refusals.get(key) ?? 0) + 1);
  }

  claim(kind: 'user' | 'group', name: string, claimed: Claimed): void {
    const claims = this.contested[kind].get(name) ?? [];
    claims.push(claimed);
    this.contested[kind].set(name, claims);
  }
}
