import type { Argument } from './command.ts';

/** Arguments that many commands share, so that they are called the same everywhere. */
export const group = { key: 'group', shown: 'group_id', kind: 'group' } as const satisfies Argument;
export const file = { key: 'file', shown: 'file_name', kind: 'file' } as const satisfies Argument;
export const download = { key: 'file', shown: 'file_name', kind: 'download' } as const satisfies Argument;
export const user = { key: 'user', shown: 'user_id', kind: 'user' } as const satisfies Argument;
export const requester = { key: 'user', shown: 'user_id', kind: 'requester' } as const satisfies Argument;
