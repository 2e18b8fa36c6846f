import type { ControlEvent, ControlResult } from '@peerage/contract';
import { describe, expect, it } from 'vitest';
import { plainLook } from '../render/look.ts';
import { eventLine } from './event-line.ts';

const download: ControlResult<'show_downloads'>['downloads'][number] = {
  id: '1',
  state: 'E',
  group: 'team',
  file: 'a.iso',
  destination: '/d/a.iso',
  size: 10,
  done: 5,
  rate: 0,
  eta: null,
  peers: 0,
  reason: { code: 'integrity', message: 'content does not match' },
  up_rate: 0,
  uploaded: 0,
  availability: null,
  sources: [],
};
const standing = (word: string): ControlEvent => ({ type: 'standing_changed', group: 'team', standing: word });

describe('the line of an event', () => {
  it.each<[ControlEvent, string | null]>([
    [{ type: 'download_completed', download: { ...download, state: 'C' } }, '[C] [team] a.iso -> /d/a.iso'],
    [{ type: 'download_failed', download }, '[E] [team] a.iso 50% (content does not match)'],
    [{ type: 'download_changed', download }, null],
    [{ type: 'download_removed', id: '1' }, null],
    [{ type: 'user_changed', user: 'alice' }, null],
    [{ type: 'resync' }, null],
    [{ type: 'join_requested', group: 'team', user: 'bob' }, 'bob asks to join team: accept_request team bob'],
    [standing('owner'), 'you own team now'],
    [standing('member'), 'you are a member of team now'],
    [standing('rejected'), 'your request to join team was turned down'],
    [standing('removed'), 'you are no member of team any more'],
    [standing('left'), null],
    [
      { type: 'share_problem', group: 'team', file: 'a.iso', message: "'/x/a.iso' changed" },
      "not shared: [team] a.iso: '/x/a.iso' changed",
    ],
    [{ type: 'tracker_changed', address: 'a:1', message: 'tracker a:1 serves' }, 'tracker a:1 serves'],
    [{ type: 'notice', message: 'eve is banned' }, 'eve is banned'],
  ])('%j', (event, line) => {
    expect(eventLine(event, plainLook)).toBe(line);
  });
});
