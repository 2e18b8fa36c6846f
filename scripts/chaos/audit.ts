import { Passwords } from '../../packages/tracker/src/accounts/passwords.ts';
import { keys, replicated } from '../../packages/tracker/src/domain/entities.ts';
import { defaultLimits } from '../../packages/tracker/src/domain/limits.ts';
import type { Actor } from '../../packages/tracker/src/domain/rule.ts';
import { SqliteStore } from '../../packages/tracker/src/store/sqlite-store.ts';
import { createWriter, type Writer } from '../../packages/tracker/src/store/writer.ts';
import { canonicalDump } from '../../packages/tracker/src/testing/canonical-dump.ts';
import type { House } from './house.ts';
import type { Claimed, Journal, KnownGroup, KnownUser } from './journal.ts';

export interface Audit {
  /** Facts looked at, on both trackers together. */
  readonly checked: number;
  /** Sentences about what was acknowledged and is not so. */
  readonly missing: readonly string[];
  readonly dumpsEqual: boolean;
  readonly dumpLines: number;
  /** Where the dumps differ. */
  readonly differences: readonly string[];
}

/** Looks at both databases, whose trackers have ended. */
export async function audit(house: House, journal: Journal): Promise<Audit> {
  const missing: string[] = [];
  let checked = 0;
  const dumps: string[][] = [];
  for (const number of [1, 2]) {
    const store = new SqliteStore(`${house.dataOf(number)}/tracker.db`);
    const check = (isSo: boolean, what: string) => {
      checked++;
      if (!isSo) missing.push(`tracker ${number}: ${what}`);
    };
    const look = new Look(store, check);
    for (const [name, user] of journal.users) await look.user(name, user);
    for (const [name, group] of journal.groups) await look.group(name, group);
    for (const [name, claims] of journal.contested.user) await look.claimedUser(name, claims);
    for (const [name, claims] of journal.contested.group) await look.claimedGroup(name, claims);
    const isShared = (line: string) => replicated[line.split(' ', 1)[0] as keyof typeof replicated];
    const shared = (await canonicalDump(store)).split('\n').filter(isShared);
    dumps.push(shared.filter(isKept(shared)));
    await store.close();
  }
  const [one, two] = dumps.map((lines) => new Set(lines)) as [Set<string>, Set<string>];
  const differences = [
    ...[...one].filter((line) => !two.has(line)).map((line) => `1: ${line}`),
    ...[...two].filter((line) => !one.has(line)).map((line) => `2: ${line}`),
  ];
  return { checked, missing, dumpsEqual: differences.length === 0, dumpLines: one.size, differences };
}

/** What nobody shares any more is collected, by each tracker in its own time. */
function isKept(lines: readonly string[]): (line: string) => boolean {
  const placeOf = (line: string) => line.split(' ', 2)[1]!;
  const intents = lines.filter((line) => line.startsWith('intent '));
  const shared = new Set(intents.map((line) => placeOf(line).split('/', 2).join('/')));
  return (line) => !line.startsWith('content ') || shared.has(placeOf(line));
}

/** One tracker's database, read with the tracker's own rules. */
class Look {
  readonly #store: SqliteStore;
  readonly #writer: Writer;
  readonly #passwords = new Passwords();
  readonly #check: (isSo: boolean, what: string) => void;

  constructor(store: SqliteStore, check: (isSo: boolean, what: string) => void) {
    this.#store = store;
    this.#writer = createWriter(store, defaultLimits);
    this.#check = check;
  }

  async user(name: string, { password, devicesOut }: KnownUser): Promise<void> {
    if (password === undefined) return;
    const credential = await this.#writer.run('credentialOf', { name });
    this.#check(credential !== undefined, `the user ${name} is missing`);
    if (!credential) return;
    this.#check(await this.#fits(password, credential.hash), `the password of ${name} is not the last one`);
    for (const [device, how] of devicesOut) {
      const key = keys.device(credential.uid, device);
      const isOut =
        how === 'revoked'
          ? (await this.#store.get('device', key))?.value.revoked === true
          : (await this.#store.get('login', key))?.value.on === false;
      this.#check(isOut, `the device ${device} of ${name} is ${how} no more`);
    }
  }

  async group(name: string, { creator, members, files }: KnownGroup): Promise<void> {
    const gid = await this.#groupOf(name, creator);
    this.#check(gid !== undefined, `the group ${name} of ${creator} is missing`);
    if (gid === undefined) return;
    let reader: Actor | undefined;
    for (const [user, state] of members) {
      const uid = (await this.#writer.run('credentialOf', { name: user }))?.uid;
      if (state === undefined || uid === undefined) continue;
      const row = await this.#store.get('membership', keys.membership(gid, uid));
      this.#check(row?.value.state === state, `${user} is ${row?.value.state} in ${name}, not ${state}`);
      if (row?.value.state === 'member') reader = { uid, device: '' };
    }
    if (!reader) return;
    const listed = await this.#writer.run('listFiles', { gid }, { actor: reader });
    for (const [file, isListed] of files) {
      if (isListed === undefined) continue;
      this.#check(listed.some((each) => each.name === file) === isListed, `${file} in ${name}: not listed=${isListed}`);
    }
  }

  /** A name that was settled is held by who was told so, and by nobody else. */
  async claimedUser(name: string, claims: readonly Claimed[]): Promise<void> {
    const settled = claims.filter((claim) => claim.settled);
    this.#check(settled.length <= 1, `the name ${name} was settled for ${settled.length} users`);
    const credential = await this.#writer.run('credentialOf', { name });
    this.#check(credential !== undefined, `nobody has the name ${name}`);
    const [winner] = settled;
    if (!winner || !credential) return;
    this.#check(await this.#fits(winner.by, credential.hash), `the settled name ${name} is another user's`);
  }

  async claimedGroup(name: string, claims: readonly Claimed[]): Promise<void> {
    const settled = claims.filter((claim) => claim.settled);
    this.#check(settled.length <= 1, `the name ${name} was settled for ${settled.length} groups`);
    const holders: string[] = [];
    for (const row of await this.#store.scan('group', '')) {
      const facts =
        row.value.creation.name === name ? await this.#writer.run('groupFacts', { gid: row.key }) : undefined;
      if (facts?.name === name) holders.push(await this.#writer.run('nameOf', { uid: row.value.creator }));
    }
    this.#check(holders.length === 1, `the name ${name} is held by ${holders.length} groups`);
    const [winner] = settled;
    if (winner)
      this.#check(holders[0] === winner.by, `the settled name ${name} is held by ${holders[0]}, not ${winner.by}`);
  }

  async #groupOf(name: string, creator: string): Promise<string | undefined> {
    const uid = (await this.#writer.run('credentialOf', { name: creator }))?.uid;
    const rows = await this.#store.scan('group', '');
    return rows.find((row) => row.value.name === name && row.value.creator === uid)?.key;
  }

  #fits(password: string, hash: string): Promise<boolean> {
    return this.#passwords.verify(password, hash, { block: 'audit', account: '', isKnown: true });
  }
}
