import type { ActivityEntry, ControlEvent, Download, DownloadState } from '@peerage/contract';
import { foldName } from '@peerage/contract';
import { activityLimits } from '../page-limits.ts';
import { downloadWords, groupWords } from './activity-words.ts';

type Told = Omit<ActivityEntry, 'at'>;

/**
 * What happened in each group and to each transfer since this client started, from its own events. Always true: it is the activity of one user
 * (`#user`); of each subject the latest entries are kept, oldest first, and of the subjects those of which something was heard last.
 */
export class Activity {
  readonly #nowMs: () => number;
  readonly #changed: (group: string) => void;
  readonly #entries = new Map<string, ActivityEntry[]>();
  /** How each download stood when it was last written down. */
  readonly #states = new Map<string, string>();
  #user: string | null = null;

  /** `changed` hears of the group in which something was written down. */
  constructor(nowMs: () => number, changed: (group: string) => void) {
    this.#nowMs = nowMs;
    this.#changed = changed;
  }

  /** Newest first; of the whole group, or of one transfer. */
  of(group: string, file?: string): readonly ActivityEntry[] {
    return [...(this.#entries.get(subject(group, file)) ?? [])].reverse();
  }

  onEvent(event: ControlEvent): void {
    switch (event.type) {
      case 'user_changed':
        this.#userIs(event.user);
        break;
      case 'group_activity': {
        const { group, file = null, what, user } = event;
        this.#tell(group, { what, user, file, message: groupWords(event) }, true);
        break;
      }
      case 'download_changed':
        this.#downloadIs(event.download);
        break;
      case 'download_completed':
        this.#downloadIs({ ...event.download, state: 'C' });
        break;
      case 'download_failed':
        this.#downloadIs({ ...event.download, state: 'E' });
        break;
      case 'share_problem':
        this.#tell(event.group, { what: 'problem', user: null, file: event.file, message: event.message }, true);
        break;
      case 'peer_banned':
        this.#tell(event.group, { what: 'banned', user: null, file: event.file, message: event.message }, false);
        break;
    }
  }

  #userIs(user: string | null): void {
    if (user === null || user === this.#user) return; // who logs in again finds it as it was
    this.#user = user;
    this.#entries.clear();
    this.#states.clear();
  }

  /** Numbers move all the time; what it does now is news. The ends of downloads are news to the group's page, too. */
  #downloadIs(download: Download): void {
    const { id, group, file, state, reason } = download;
    const now = `${state} ${reason?.message ?? ''}`;
    if (this.#states.get(id) === now) return;
    this.#states.set(id, now);
    const what: Told['what'] = state === 'C' ? 'fetched' : state === 'E' ? 'failed' : 'state';
    this.#tell(group, { what, user: null, file, message: downloadWords(download) }, isEnd(state));
  }

  #tell(group: string, told: Told, isForGroup: boolean): void {
    const entry = { at: this.#nowMs(), ...told };
    if (isForGroup) this.#add(subject(group), entry);
    if (entry.file !== null) this.#add(subject(group, entry.file), entry);
    this.#changed(group);
  }

  #add(key: string, entry: ActivityEntry): void {
    const entries = this.#entries.get(key) ?? [];
    entries.push(entry);
    if (entries.length > activityLimits.entries) entries.shift();
    this.#entries.delete(key);
    this.#entries.set(key, entries);
    if (this.#entries.size > activityLimits.subjects) this.#entries.delete(this.#entries.keys().next().value!);
    if (this.#states.size > activityLimits.subjects) this.#states.delete(this.#states.keys().next().value!);
  }
}

const isEnd = (state: DownloadState): boolean => state === 'C' || state === 'E';
const subject = (group: string, file = ''): string => `${foldName(group)}\n${file}`;
