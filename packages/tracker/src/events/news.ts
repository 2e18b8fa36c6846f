import type { TrackerEvent } from '@peerage/contract';
import { type Entities, keyParts, type MembershipState } from '../domain/entities.ts';
import type { Put } from '../domain/rule.ts';
import { eventLimits } from '../limits.ts';
import type { ShareKey } from '../presence/online-device.ts';
import type { Presence } from '../presence/presence.ts';
import type { Writer } from '../store/writer.ts';
import { type Activity, activityIn } from './activity-in.ts';
import type { EventHub } from './event-hub.ts';

/** What trackers tell each other's users, besides rows. */
export interface Telling {
  readonly uids: readonly string[];
  readonly event: Extract<TrackerEvent, { type: 'decided_twice' }>;
}

/** Changes that come within this time are told as one. */
const GATHER_MS = 50;

/**
 * Turns changed rows and changed presence into events for the streams that they concern. It follows rows, not commands, so that a change that comes from
 * another tracker is told in the same way.
 */
export class News {
  readonly #writer: Writer;
  readonly #hub: EventHub;
  readonly #presence: Presence;
  readonly #issuerLeadMs: number;
  readonly #onDefect: (error: unknown) => void;
  readonly #tellElsewhere: (telling: Telling) => void;
  #activities: Activity[] = [];
  readonly #changedShares = new Map<string, ShareKey>();
  readonly #changedCatalogues = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { writer, hub, presence }: { writer: Writer; hub: EventHub; presence: Presence },
    issuerLeadMs: number,
    onDefect: (error: unknown) => void,
    tellElsewhere: (telling: Telling) => void,
  ) {
    this.#writer = writer;
    this.#hub = hub;
    this.#presence = presence;
    this.#issuerLeadMs = issuerLeadMs;
    this.#onDefect = onDefect;
    this.#tellElsewhere = tellElsewhere;
  }

  peersChanged(share: ShareKey): void {
    if (!this.#hub.isHeard) return;
    this.#changedShares.set(`${share.gid}/${share.infoHash}`, share);
    this.#gather();
  }

  rowsChanged(puts: readonly Put[]): void {
    const isHeard = this.#hub.isHeard;
    if (isHeard) this.#noteActivities(activityIn(puts));
    // Whoever makes a group has the answer to his command: that he owns it is no news to him.
    const made = new Set(puts.filter(({ entity }) => entity === 'group').map(({ key }) => key));
    for (const put of puts) {
      switch (put.entity) {
        case 'membership':
          if (made.has(keyParts(put.key)[0]!)) break;
          if (isHeard) this.#tell(this.#membershipChanged(put.key, put.value as Entities['membership'] | null));
          break;
        case 'application':
          this.#overruled(put as Put<'application'>);
          break;
        case 'user_name':
        case 'group_name':
          if (isHeard && put.value !== null) this.#tell(this.#claimed(put.entity, keyParts(put.key)[0]!));
          break;
        case 'preferred_owner':
          if (made.has(put.key)) break;
          if (isHeard) this.#tell(this.#ownerChanged(put.key, put.value as Entities['preferred_owner'] | null));
          break;
        case 'content':
        case 'intent':
          if (!isHeard) break;
          this.#changedCatalogues.add(keyParts(put.key)[0]!);
          this.#gather();
          break;
        case 'issuer':
          this.#issuerChanged(put.value as Entities['issuer'] | null);
          break;
        case 'device_session':
          this.#sessionChanged(put, puts);
          break;
      }
    }
  }

  #noteActivities(activities: readonly Activity[]): void {
    if (activities.length === 0) return;
    if (this.#activities.length === 0) process.nextTick(() => this.#tell(this.#tellActivities()));
    this.#activities.push(...activities);
  }

  /** What came with one look at the writer is asked about together. */
  async #tellActivities(): Promise<void> {
    const activities = this.#activities;
    this.#activities = [];
    const deeds = activities.map(({ gid, uid, infoHash, what }) => ({
      gid,
      uid,
      ...(infoHash !== undefined && { infoHash }),
      ...(what === 'owns' && { owns: true }),
      ...((what === 'asked' || what === 'rejected') && { toOwner: true }),
    }));
    const stories = await this.#writer.run('storiesOf', { deeds });
    for (const [index, story] of stories.entries()) {
      if (!story) continue;
      const { gid: group, what } = activities[index]!;
      const { uids, ...told } = story;
      this.#hub.toUsers(new Set(uids), { type: 'group_activity', group, what, ...told });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Retired: at once. Published: all in good time, before its first certificate. */
  #issuerChanged(value: Entities['issuer'] | null): void {
    if (!value) return;
    const told = value.retired
      ? { withinMs: 0, retired: [value.certificate] }
      : { withinMs: this.#issuerLeadMs / 2, retired: [] };
    this.#hub.toAll({ type: 'issuers_changed', ...told });
  }

  #tell(telling: Promise<void>): void {
    telling.catch(this.#onDefect);
  }

  #gather(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const shares = [...this.#changedShares.values()];
      const catalogues = [...this.#changedCatalogues];
      this.#changedShares.clear();
      this.#changedCatalogues.clear();
      this.#peersChanged(shares);
      for (const gid of catalogues) this.#tell(this.#catalogueChanged(gid));
    }, GATHER_MS);
  }

  /** A device for which that is too much at once (thousands of its shares came online with it) is told to look at everything anew. */
  #peersChanged(shares: readonly { readonly gid: string; readonly infoHash: string }[]): void {
    const news = new Map<string, TrackerEvent[]>();
    for (const { gid, infoHash } of shares) {
      for (const device of this.#presence.devicesOf({ gid, infoHash })) {
        const events = news.get(device) ?? [];
        events.push({ type: 'peers_changed', group: gid, infoHash });
        news.set(device, events);
      }
    }
    for (const [device, events] of news) {
      const told: TrackerEvent[] = events.length > eventLimits.kept ? [{ type: 'resync' }] : events;
      for (const event of told) this.#hub.toDevice(device, event);
    }
  }

  async #catalogueChanged(gid: string): Promise<void> {
    const group = await this.#writer.run('groupFacts', { gid });
    if (group) this.#hub.toUsers(new Set(group.memberUids), { type: 'files_changed', group: gid });
  }

  async #membershipChanged(key: string, value: Entities['membership'] | null): Promise<void> {
    const [gid = '', uid = ''] = keyParts(key);
    const group = await this.#writer.run('groupFacts', { gid });
    if (!group || !value) return; // the group ended with its last member, who knows
    const standing = value.state === 'member' && group.ownerUid === uid ? 'owner' : value.state;
    this.#standing(uid, gid, group.name, standing);
    if (value.state !== 'pending') return;
    const user = await this.#writer.run('nameOf', { uid });
    const asked: TrackerEvent = { type: 'join_requested', group: gid, groupName: group.name, user };
    this.#hub.toUsers(new Set([group.ownerUid]), asked);
  }

  /** No command rejects who was accepted: another tracker did, which did not know, and the stricter decision counts. Those who decided are told on both sides. */
  #overruled({ key, value, former }: Put<'application'>): void {
    if (former?.state !== 'member' || value?.state !== 'rejected') return;
    const deciders = [former.decidedBy, value.decidedBy].filter((decider) => decider !== null);
    this.#tell(this.#decidedTwice(key, deciders));
  }

  async #decidedTwice(key: string, deciders: readonly string[]): Promise<void> {
    const [gid = '', uid = ''] = keyParts(key);
    const group = await this.#writer.run('groupFacts', { gid });
    if (!group) return;
    const user = await this.#writer.run('nameOf', { uid });
    const event = { type: 'decided_twice', group: gid, groupName: group.name, user } as const;
    const telling = { uids: [...new Set([...deciders, group.ownerUid])], event };
    this.#hub.toUsers(new Set(telling.uids), event);
    this.#tellElsewhere(telling);
  }

  async #claimed(entity: 'user_name' | 'group_name', folded: string): Promise<void> {
    const losers = await this.#writer.run('nameLosers', { kind: entity === 'user_name' ? 'user' : 'group', folded });
    if (losers.length > 0) this.#hub.toUsers(new Set(losers), { type: 'names_changed' });
  }

  async #ownerChanged(gid: string, value: Entities['preferred_owner'] | null): Promise<void> {
    const group = await this.#writer.run('groupFacts', { gid });
    if (group && value && group.ownerUid === value.uid) this.#standing(value.uid, gid, group.name, 'owner');
  }

  #standing(uid: string, group: string, groupName: string, standing: 'owner' | MembershipState): void {
    this.#hub.toUsers(new Set([uid]), { type: 'standing_changed', group, groupName, standing });
  }

  #sessionChanged(put: Put, puts: readonly Put[]): void {
    const [, device = ''] = keyParts(put.key);
    if (put.value !== null) {
      this.#hub.end(device); // a new login of the device: its next stream comes with the new token
      return;
    }
    const changed = (entity: Put['entity']) => puts.some((other) => other.entity === entity);
    const why = changed('credential')
      ? 'the password was changed'
      : changed('device')
        ? 'the device was revoked'
        : 'logged out';
    this.#hub.end(device, why);
    this.#presence.forget(device);
  }
}
