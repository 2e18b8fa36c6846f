import { PeerageError } from '@peerage/contract';
import { type Entity, replicated } from '../domain/entities.ts';
import { defaultLimits } from '../domain/limits.ts';
import type { OperationName } from '../domain/operations.ts';
import { covers } from '../replication/op.ts';
import { Replica } from '../replication/replica.ts';
import type { ReplicaEffect, ReplicaEvent } from '../replication/replica-events.ts';
import type { LogStore } from '../store/log-store.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { MemoryTables } from '../store/memory-tables.ts';
import type { RowPlace } from '../store/replicated-store.ts';
import { type Commanding, createWriter, type Writer } from '../store/writer.ts';

/** Trackers in one process that a test drives step by step: the real rules, stores and replicas, with a network, a clock and disks that do what the test says. */

export type MakeStore = (tables: MemoryTables, wallMs: () => number, number: number) => LogStore;

const soundStore: MakeStore = (tables, wallMs) => new MemoryStore(wallMs, tables);

const KEEP_MS = 65 * 60_000;
const id = (kind: string, number: number): string => `${kind}${String(number)}`.padStart(32, '0');

export const NAMES = ['ann', 'ben', 'cem'] as const;

export class ModelTracker {
  readonly #model: ReplicaModel;
  readonly number: number;
  tables = new MemoryTables();
  skewMs = 0;
  store!: LogStore;
  writer!: Writer;
  replica!: Replica;

  constructor(model: ReplicaModel, number: number) {
    this.#model = model;
    this.number = number;
    this.start();
  }

  /** A new run over what is on the disk. */
  start(): void {
    const model = this.#model;
    this.store = model.makeStore(this.tables, () => model.nowMs + this.skewMs, this.number);
    this.writer = createWriter(this.store, { ...defaultLimits, applicationWaitMs: [0] });
    const others = Array.from({ length: model.count }, (_, index) => index + 1).filter((one) => one !== this.number);
    this.replica = new Replica({
      number: this.number,
      others,
      vector: this.store.vector(),
      nodes: this.store.knownNodes(),
    });
  }

  handle(event: ReplicaEvent): ReplicaEffect[] {
    const effects = this.replica.handle(event, this.#model.monotonicMs);
    this.replica.checkInvariants();
    return effects;
  }
}

export class ReplicaModel {
  readonly makeStore: MakeStore;
  readonly count: number;
  readonly trackers: readonly ModelTracker[];
  readonly #cut = new Set<string>();
  readonly #backups = new Map<number, MemoryTables>();
  /** Rows that were acknowledged and are never collected. */
  readonly #acknowledged = new Set<string>();
  nowMs = Date.UTC(2025, 2, 1);
  monotonicMs = 0;
  #commands = 0;
  #pulls = 0;
  #last: { readonly name: OperationName; readonly input: object; readonly caller: Commanding } | undefined;

  constructor(count: number, makeStore: MakeStore = soundStore) {
    this.count = count;
    this.makeStore = makeStore;
    this.trackers = Array.from({ length: count }, (_, index) => new ModelTracker(this, index + 1));
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.monotonicMs += ms;
  }

  cut(a: number, b: number): void {
    this.#cut.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  heal(): void {
    this.#cut.clear();
  }

  /** Who somebody is on one of his devices: the same ids on every tracker. */
  person(who: number, device = 0): { uid: string; device: string } {
    return { uid: id('a', who), device: id(`d${who}`, device) };
  }

  /** Runs a command at a tracker; false where it was refused. */
  async run(at: number, name: OperationName, input: object, actor: { uid: string; device: string }): Promise<boolean> {
    const commandId = id('c', ++this.#commands);
    const command = { id: commandId, tag: { route: name, bodyHash: JSON.stringify(input) } };
    const done = await this.#execute(at, name, input, { actor, command });
    if (done) this.#last = { name, input, caller: { actor, command } };
    return done;
  }

  /** Makes an account; people of one number share its name with others of another number. */
  async createUser(at: number, who: number): Promise<boolean> {
    const { uid } = this.person(who);
    const creation = { name: NAMES[who % NAMES.length]!, device: '', nonce: '', signature: '' };
    return this.#execute(at, 'createUser', { uid, creation, passwordHash: 'h', epoch: `e${who}` });
  }

  async logIn(at: number, who: number, device: number): Promise<boolean> {
    const { uid, device: deviceId } = this.person(who, device);
    const hash = (await this.trackers[at]!.store.get('credential', uid))?.value.hash ?? '';
    const loginId = id('f', ++this.#commands);
    const login = { uid, device: deviceId, publicKey: '', label: '', tokenHash: loginId, loginId, verifiedHash: hash };
    return this.#execute(at, 'logInByPassword', login);
  }

  /** The last command again, at another tracker: its reply was lost. */
  async retry(at: number): Promise<boolean> {
    const last = this.#last;
    return last !== undefined && this.#execute(at, last.name, last.input, last.caller);
  }

  async share(at: number, by: { uid: string; device: string }, gid: string, content: number): Promise<boolean> {
    const infoHash = String(content).repeat(40);
    const about = { name: content % 2 ? 'odd' : 'even', sizeBytes: 1, pieces: 1, sha1: infoHash, blobBytes: 1 };
    await this.trackers[at]!.writer.run('rememberBlob', { gid, infoHash, about });
    return this.run(at, 'share', { gid, infoHash }, by);
  }

  /** `to` asks `from`. The question may arrive and its answer be lost; an answer carries about `mostBytes`. */
  async pull(to: number, from: number, mostBytes = Number.POSITIVE_INFINITY, isLost = false): Promise<void> {
    const [asker, asked] = [this.trackers[to]!, this.trackers[from]!];
    if (to === from || this.#cut.has(`${to} ${from}`)) return;
    const questionId = ++this.#pulls;
    const told = (tracker: ModelTracker) => ({
      node: tracker.store.node,
      origin: tracker.store.origin,
      vector: tracker.store.vector(),
    });
    const question = told(asker);
    const effects = asked.handle({ kind: 'asked', id: questionId, from: asker.number, waitMs: 0, ...question });
    await this.#remember(asked, effects);
    const answer = effects.find((effect) => effect.kind === 'answer' && effect.id === questionId);
    const replaces = answer?.kind === 'answer' && answer.replaces;
    if (!answer) asked.handle({ kind: 'gone', id: questionId }); // it would wait: there is nothing new
    const read = replaces ? undefined : asked.store.opsAfter(question.vector, mostBytes);
    const kind = read ? ('ops' as const) : ('snapshot' as const);
    const head = { ...told(asked), answer: kind, replaces };
    if (isLost) return;
    const next = asker.handle({ kind: 'answered', from: asked.number, ...head });
    await this.#remember(asker, next);
    for (const effect of next) {
      if (effect.kind === 'merge') {
        const { vector, ahead } = await asker.store.merge(structuredClone(read!.ops));
        asker.handle({ kind: 'merged', from: asked.number, vector, ahead });
      } else if (effect.kind === 'snapshot') await this.#snapshot(asker, asked, effect);
    }
  }

  /** What a tracker does every 10 s: truncates its log, and collects. */
  async maintain(at: number, mostOps = Number.POSITIVE_INFINITY): Promise<void> {
    this.pass(10_000);
    const tracker = this.trackers[at]!;
    for (const effect of tracker.handle({ kind: 'tick' })) {
      if (effect.kind === 'truncate') await tracker.store.truncate(effect.upTo, mostOps);
      if (effect.kind === 'collect') {
        await tracker.store.collect(effect.upTo, (this.nowMs - KEEP_MS) * 2_048);
      }
    }
  }

  crash(at: number): void {
    this.trackers[at]!.start();
  }

  backUp(at: number): void {
    this.#backups.set(at, this.trackers[at]!.tables.copy());
  }

  /** The disk is put back to the backup; what only this tracker had acknowledged since is lost, as it has to be. */
  rollBack(at: number): void {
    const backup = this.#backups.get(at);
    if (!backup) return;
    const tracker = this.trackers[at]!;
    tracker.tables = backup.copy();
    tracker.start();
    for (const place of this.#acknowledged) {
      const [entity = '', key = ''] = place.split(' ');
      if (!this.trackers.some(({ tables }) => tables.held(entity as Entity, key))) this.#acknowledged.delete(place);
    }
  }

  /** Joins everybody, until all hold the same; then collects on all. */
  async settle(): Promise<void> {
    this.heal();
    for (const tracker of this.trackers) tracker.skewMs = 0;
    const all = this.trackers.map((_, index) => index);
    for (let round = 0; round < 2 * this.count + 2; round++) {
      for (const to of all) for (const from of all) await this.pull(to, from);
    }
    for (const at of all) await this.maintain(at);
    for (const to of all) for (const from of all) await this.pull(to, from);
    for (const at of all) await this.maintain(at);
  }

  /** Throws what is wrong after {@link settle}. */
  async check(): Promise<void> {
    const [first, ...others] = await Promise.all(this.trackers.map((tracker) => this.dump(tracker)));
    for (const [index, dump] of others.entries()) {
      if (dump === first) continue;
      const [a, b] = [new Set(first!.split('\n')), new Set(dump.split('\n'))];
      const only = (x: Set<string>, y: Set<string>) => [...x].filter((line) => !y.has(line)).join('\n');
      throw new Error(`trackers 1 and ${index + 2} differ:\n${only(a, b)}\n---\n${only(b, a)}`);
    }
    for (const place of this.#acknowledged) {
      const [entity = '', key = ''] = place.split(' ');
      if (!this.trackers[0]!.tables.held(entity as Entity, key)) throw new Error(`acknowledged and lost: ${place}`);
    }
    const vectors = this.trackers.map(({ store }) => store.vector());
    if (!vectors.every((vector) => covers(vector, vectors[0]!) && covers(vectors[0]!, vector))) {
      throw new Error('the vectors differ');
    }
  }

  async dump({ store }: ModelTracker): Promise<string> {
    const own: ReadonlySet<Entity> = new Set(['session', 'device_session', 'blob']);
    const lines: string[] = [];
    for (const entity of (Object.keys(replicated) as Entity[]).filter((one) => !own.has(one))) {
      for (const { key, value } of await store.scan(entity, '')) lines.push(`${entity} ${key} ${sorted(value)}`);
    }
    return lines.join('\n');
  }

  async #execute(at: number, name: OperationName, input: object, caller?: Commanding): Promise<boolean> {
    this.pass(1);
    const { writer, store, tables } = this.trackers[at]!;
    const before = { ...store.vector() };
    try {
      await writer.run(name, input as never, ...((caller ? [caller] : []) as never));
    } catch (error) {
      if (error instanceof PeerageError) return false;
      throw error;
    }
    const { origin } = store;
    const seq = store.vector()[origin] ?? 0;
    if (seq > 0) this.trackers[at]!.handle({ kind: 'held', origin, seq });
    for (const op of tables.opsAfter(origin, before[origin] ?? 0)) {
      if (op.entity === 'user' || op.entity === 'group' || op.entity === 'application') {
        this.#acknowledged.add(`${op.entity} ${op.key}`);
      }
    }
    return true;
  }

  async #remember(tracker: ModelTracker, effects: readonly ReplicaEffect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'remember') await tracker.store.setKnownNodes(effect.nodes);
    }
  }

  async #snapshot(
    asker: ModelTracker,
    asked: ModelTracker,
    { vector, replaces }: Extract<ReplicaEffect, { kind: 'snapshot' }>,
  ): Promise<void> {
    let after: RowPlace | null = null;
    while (true) {
      const page: ReturnType<LogStore['rowsAfter']> = asked.store.rowsAfter(after, 500);
      const merged = await asker.store.mergeSnapshot({ after, ...structuredClone(page), vector, replaces });
      if (!page.more) {
        const ahead = covers(merged.vector, vector) ? 0 : 1;
        asker.handle({ kind: 'merged', from: asked.number, vector: merged.vector, ahead });
        return;
      }
      const last = page.rows.at(-1)!;
      after = { entity: last.entity, key: last.key };
    }
  }
}

/** One text for alike values: two trackers may have written their fields in another order. */
const sorted = (value: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));

export const groupId = (number: number): string => id('9', number);
