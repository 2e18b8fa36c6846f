import type { Download } from '@peerage/contract';
import { beforeEach, expect, test } from 'vitest';
import { activityLimits } from '../page-limits.ts';
import { Activity } from './activity.ts';

let activity: Activity;
let changed: string[];
let nowMs: number;
beforeEach(() => {
  changed = [];
  nowMs = 0;
  activity = new Activity(
    () => nowMs++,
    (group) => changed.push(group),
  );
  activity.onEvent({ type: 'user_changed', user: 'alice' });
});

const download = (state: Download['state'], extra: Partial<Download> = {}): Download => ({
  id: 'one',
  state,
  group: 'team',
  file: 'a.iso',
  destination: '/d/a.iso',
  size: 10,
  done: 0,
  rate: 0,
  eta: null,
  peers: 0,
  reason: null,
  up_rate: 0,
  uploaded: 0,
  availability: null,
  sources: [],
  ...extra,
});
const said = (group: string, file?: string) => activity.of(group, file).map(({ message }) => message);

test('tells what people did, newest first, whatever the case of the name', () => {
  activity.onEvent({ type: 'group_activity', group: 'team', what: 'joined', user: 'bob' });
  activity.onEvent({ type: 'group_activity', group: 'team', what: 'listed', user: 'bob', file: 'b.iso' });
  expect(said('TEAM')).toEqual(['bob shared b.iso', 'bob joined']);
  expect(said('team', 'b.iso')).toEqual(['bob shared b.iso']);
  expect(said('other')).toEqual([]);
  expect(changed).toEqual(['team', 'team']);
});

test('of a download it writes down what it does, not how far it is; the group hears of its end', () => {
  activity.onEvent({ type: 'download_changed', download: download('D', { done: 1 }) });
  activity.onEvent({ type: 'download_changed', download: download('D', { done: 2 }) });
  const reason = { code: 'no_seeders', message: 'nobody has it' } as const;
  activity.onEvent({ type: 'download_changed', download: download('W', { reason }) });
  activity.onEvent({ type: 'download_completed', download: download('C', { done: 10 }) });
  activity.onEvent({ type: 'download_changed', download: download('C', { done: 10 }) });
  expect(said('team', 'a.iso')).toEqual([
    'a.iso is complete: /d/a.iso',
    'a.iso: waiting: nobody has it',
    'a.iso: downloading',
  ]);
  expect(said('team')).toEqual(['a.iso is complete: /d/a.iso']);
});

test('the next user sees nothing of it; who logs in again does', () => {
  activity.onEvent({ type: 'group_activity', group: 'team', what: 'joined', user: 'bob' });
  activity.onEvent({ type: 'user_changed', user: null });
  activity.onEvent({ type: 'user_changed', user: 'alice' });
  expect(said('team')).toHaveLength(1);
  activity.onEvent({ type: 'user_changed', user: 'mallory' });
  expect(said('team')).toEqual([]);
});

test('is bounded, entry by entry and subject by subject', () => {
  for (let entry = 0; entry <= activityLimits.entries; entry++) {
    activity.onEvent({ type: 'group_activity', group: 'team', what: 'joined', user: `user ${entry}` });
  }
  expect(said('team')).toHaveLength(activityLimits.entries);
  expect(said('team').at(-1)).toBe('user 1 joined');
  for (let group = 0; group < activityLimits.subjects; group++) {
    activity.onEvent({ type: 'group_activity', group: `group ${group}`, what: 'joined', user: 'bob' });
  }
  expect(said('team')).toEqual([]);
});
