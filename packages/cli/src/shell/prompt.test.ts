import { describe, expect, it } from 'vitest';
import { Prompt } from './prompt.ts';

const tracker = (address: string, serving: boolean, reachable = serving) => ({
  address,
  serving,
  reachable,
  lag_ms: null,
});
const status = (user: string | null, ...trackers: ReturnType<typeof tracker>[]) => ({
  user,
  listen: '0.0.0.0:1',
  trackers,
  up_rate: 0,
  down_rate: 0,
  peers: 0,
  reached: false,
});

describe('the prompt', () => {
  it('shows who is logged in and which tracker serves', () => {
    const prompt = new Prompt(status(null, tracker('a:1', true), tracker('b:2', false)));
    expect(prompt.text()).toBe('$> ');
    expect(prompt.hear({ type: 'user_changed', user: 'alice' })).toBe(true);
    expect(prompt.text()).toBe('alice@tracker1> ');
    expect(prompt.hear({ type: 'tracker_changed', address: null, message: 'none' })).toBe(true);
    expect(prompt.text()).toBe('!alice@tracker1> ');
    expect(prompt.hear({ type: 'tracker_changed', address: 'b:2', message: 'b' })).toBe(true);
    expect(prompt.text()).toBe('alice@tracker2> ');
    expect(prompt.hear({ type: 'tracker_changed', address: 'b:2', message: 'b' })).toBe(false);
    prompt.hear({ type: 'user_changed', user: null });
    expect(prompt.text()).toBe('$> ');
  });

  it('warns from the beginning while no tracker answers', () => {
    expect(new Prompt(status(null, tracker('a:1', false))).text()).toBe('!$> ');
    expect(new Prompt(status('alice', tracker('a:1', false))).text()).toBe('!alice> ');
  });

  it('lets no name steer the terminal', () => {
    expect(new Prompt(status('a\x1b]0;x\x07', tracker('a:1', true))).text()).toBe('a\\x1b]0;x\\x07@tracker1> ');
  });
});
