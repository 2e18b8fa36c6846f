import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlName } from '@peerage/contract';
import type { Actor } from './actor.ts';
import type { Faults } from './faults.ts';
import type { Journal, KnownGroup, MemberState } from './journal.ts';

/** What episodes need besides their actors. */
export interface Stage {
  readonly journal: Journal;
  readonly faults: Faults;
  readonly random: () => number;
  /** One of these, the more likely the more of it is short; what is left out now and then stands beside them as null. */
  readonly choose: <C extends ControlName>(...commands: readonly (C | null)[]) => C | null;
  /** Resolves when the trackers were in touch for a while. */
  readonly inTouch: () => Promise<void>;
  /** A name that nobody had before. */
  readonly fresh: (kind: string) => string;
}

export interface Episode {
  readonly name: string;
  readonly actors: number;
  /** What it is the way to. */
  readonly gives: readonly ControlName[];
  readonly play: (actors: Actor[], stage: Stage) => Promise<void>;
}

/** Notes that a command on a thing may or may not have happened, does it, and notes the outcome if it is told. */
async function writes<K, V>(
  facts: Map<K, V | undefined>,
  key: K,
  outcome: V,
  done: Promise<unknown>,
): Promise<boolean> {
  facts.set(key, undefined);
  const isDone = (await done) !== undefined;
  if (isDone) facts.set(key, outcome);
  return isDone;
}

async function newGroup(
  owner: Actor,
  { journal, fresh }: Stage,
): Promise<{ name: string; group: KnownGroup } | undefined> {
  const name = fresh('group');
  if (!(await owner.does('create_group', name))) return undefined;
  const group: KnownGroup = { creator: owner.user, members: new Map(), files: new Map(), isContested: false };
  group.members.set(owner.user, 'member');
  journal.groups.set(name, group);
  return { name, group };
}

/** A group's life: applications, decisions, files, and everybody's end in it. */
async function groupLife(actors: Actor[], stage: Stage): Promise<void> {
  const [owner, ...others] = actors as [Actor, ...Actor[]];
  const made = await newGroup(owner, stage);
  if (!made) return;
  const { name, group } = made;
  const becomes = (who: Actor, state: MemberState, done: Promise<unknown>) =>
    writes(group.members, who.user, state, done);
  for (const who of others) {
    if (!(await becomes(who, 'pending', who.does('join_group', name)))) continue;
    const wayOut = stage.choose('reject_request', 'remove_member', 'leave_group', null);
    if (wayOut === 'reject_request') {
      await becomes(who, 'rejected', owner.does(wayOut, name, who.user));
      continue;
    }
    if (!(await becomes(who, 'member', owner.does('accept_request', name, who.user)))) continue;
    const file = `${stage.fresh('file')}.bin`;
    const path = join(who.folder, file);
    writeFileSync(path, randomBytes(2_000));
    if (await writes(group.files, file, true, who.does('upload_file', path, name))) {
      await owner.does('download_file', name, file, join(owner.folder, `of-${file}`));
      const end = stage.choose('remove_file', 'stop_share', null);
      // The download may end before, meanwhile or later: removed is removed.
      if (end === 'remove_file') await writes(group.files, file, false, owner.does(end, name, file));
      if (end === 'stop_share') {
        await owner.client.send(end, name, file);
        await who.does(end, name, file);
        group.files.set(file, undefined); // the owner may hold it too
      }
      await owner.client.send('wait', '--timeout', '2');
      await owner.client.send('cancel_download', name, file);
    }
    if (wayOut === 'remove_member') await becomes(who, 'removed', owner.does(wayOut, name, who.user));
    if (wayOut === 'leave_group') await becomes(who, 'left', who.does(wayOut, name));
  }
  // Who leaves ends what they shared.
  for (const file of group.files.keys()) if (group.files.get(file)) group.files.set(file, undefined);
  if (stage.random() < 0.5) await becomes(owner, 'left', owner.does('leave_group', name));
}

/** Files that stay: what was listed last has to be listed in the end. */
async function sharing([owner]: Actor[], stage: Stage): Promise<void> {
  const made = await newGroup(owner!, stage);
  if (!made) return;
  for (let count = 0; count < 4; count++) {
    const file = `${stage.fresh('file')}.bin`;
    const path = join(owner!.folder, file);
    writeFileSync(path, randomBytes(2_000));
    const { files } = made.group;
    if (!(await writes(files, file, true, owner!.does('upload_file', path, made.name)))) continue;
    if (count === 1) await writes(files, file, false, owner!.does('stop_share', made.name, file));
    if (count === 2) await writes(files, file, false, owner!.does('remove_file', made.name, file));
  }
}

async function newAccount([actor]: Actor[], { journal, fresh }: Stage): Promise<void> {
  const name = fresh('user');
  if (!(await actor!.becomes(name, 'secret'))) return;
  const user = journal.users.get(name)!;
  for (const next of ['second', 'third']) {
    const current = user.password;
    if (current === undefined) return;
    user.password = undefined;
    if (await actor!.does('passwd', current, next)) user.password = next;
  }
}

/** Other devices of a user come at once, and are put out by the first. */
async function lostDevices([actor, ...visitors]: Actor[], stage: Stage): Promise<void> {
  const { user, password } = actor!;
  if (user === '' || password === undefined) return;
  const { devicesOut } = stage.journal.users.get(user)!;
  const visit = async (visitor: Actor) => {
    await visitor.leaves();
    if (await visitor.logsIn(user, password)) {
      const { device } = visitor;
      visitor.user = '';
      if (device !== '' && (await actor!.does('revoke_device', device))) devicesOut.set(device, 'revoked');
    }
    await visitor.becomes(stage.fresh('user'), 'secret');
  };
  await Promise.all(visitors.map(visit));
}

/** Two clients, served by two trackers, take the same names for groups at one moment; who lost one takes another. */
async function contestedGroups([one, two]: Actor[], { journal, faults, inTouch, fresh }: Stage): Promise<void> {
  const names = Array.from({ length: faults.isCut ? 6 : 2 }, () => fresh('contested'));
  await Promise.all(
    [one!, two!].map(async (actor) => {
      for (const name of names) {
        const made = await actor.does('create_group', name);
        if (made) journal.claim('group', name, { by: actor.user, settled: made.settled });
      }
    }),
  );
  await inTouch();
  for (const actor of [one!, two!]) {
    const { groups } = (await actor.does('list_groups')) ?? { groups: [] };
    for (const { id, owner } of groups) {
      if (owner !== actor.user || !names.includes(id.split('~')[0]!) || !id.includes('~')) continue;
      const next = fresh('renamed');
      if (!(await actor.does('rename_group', id, next))) continue;
      const members = new Map([[actor.user, 'member' as const]]);
      journal.groups.set(next, { creator: actor.user, members, files: new Map(), isContested: true });
    }
  }
}

/** The same for the name of a user. */
async function contestedUser([one, two]: Actor[], { journal, inTouch, fresh }: Stage): Promise<void> {
  const name = fresh('contested');
  const passwordOf = (actor: Actor) => `secret of ${actor.index}`;
  const takesName = async (actor: Actor): Promise<boolean> => {
    const password = passwordOf(actor);
    const made = await actor.does('create_user', name, password);
    if (!made) return false;
    journal.claim('user', name, { by: password, settled: made.settled });
    await actor.leaves();
    return (await actor.does('login', name, password)) !== undefined;
  };
  const goesOn = async (actor: Actor, hasName: boolean) => {
    const shown = hasName ? (await actor.does('whoami'))?.user : undefined;
    const lost = shown != null && (await actor.does('trackers'))?.conflicts.some((each) => each.startsWith(`${name}~`));
    const next = fresh('renamed');
    if (lost && (await actor.does('rename_user', next))) {
      journal.users.set(next, { password: passwordOf(actor), devicesOut: new Map(), isContested: true });
    }
    actor.user = '';
    actor.device = '';
    await actor.becomes(fresh('user'), 'secret');
  };
  const pair = [one!, two!];
  const haveName = await Promise.all(pair.map(takesName));
  await inTouch();
  await Promise.all(pair.map((actor, index) => goesOn(actor, haveName[index]!)));
}

export const episodes: readonly Episode[] = [
  {
    name: 'group life',
    actors: 4,
    gives: [
      ...(['join_group', 'accept_request', 'reject_request', 'remove_member', 'leave_group'] as const),
      ...(['upload_file', 'download_file', 'remove_file', 'stop_share'] as const),
    ],
    play: groupLife,
  },
  { name: 'sharing', actors: 1, gives: ['create_group', 'upload_file', 'stop_share', 'remove_file'], play: sharing },
  { name: 'new account', actors: 1, gives: ['create_user', 'login', 'logout', 'passwd'], play: newAccount },
  { name: 'lost devices', actors: 4, gives: ['login', 'revoke_device'], play: lostDevices },
];

/** What is possible, or worth the most, while the trackers are cut from each other. */
export const episodesOfACut: readonly Episode[] = [
  {
    name: 'contested groups',
    actors: 2,
    gives: ['create_group', 'rename_group', 'list_groups'],
    play: contestedGroups,
  },
  { name: 'contested user', actors: 2, gives: ['rename_user'], play: contestedUser },
];
