import { type ControlEvent, type Download, type GroupActivity, stateWords } from '@peerage/contract';

type Event = Extract<ControlEvent, { type: 'group_activity' }>;

const words: Readonly<Record<GroupActivity, (user: string, file: string) => string>> = {
  asked: (user) => `${user} asked to join`,
  joined: (user) => `${user} joined`,
  rejected: (user) => `the request of ${user} was turned down`,
  left: (user) => `${user} left`,
  removed: (user) => `${user} was removed`,
  owns: (user) => `${user} owns the group now`,
  listed: (user, file) => `${user} shared ${file}`,
  shared: (user, file) => `${user} has all of ${file}, and shares it on`,
  stopped: (user, file) => `${user} stopped sharing ${file}`,
};

export const groupWords = ({ what, user, file = 'a file' }: Event): string => words[what](user, file);

export function downloadWords({ file, state, reason, destination }: Download): string {
  if (state === 'C') return `${file} is ${stateWords.C}: ${destination}`;
  return `${file}: ${stateWords[state]}${reason ? `: ${reason.message}` : ''}`;
}
