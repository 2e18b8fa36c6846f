import type { Brand } from './brand.ts';

/** SHA-1 of the canonical info dictionary (BEP 3) as 40 lower-case hex digits: names one share of one group. */
export type InfoHash = Brand<string, 'InfoHash'>;

/** The internal id of a group, 16 bytes as 32 lower-case hex digits. */
export type GroupId = Brand<string, 'GroupId'>;

export function parseInfoHash(text: string): InfoHash | undefined {
  return /^[0-9a-f]{40}$/.test(text) ? (text as InfoHash) : undefined;
}

export function parseGroupId(text: string): GroupId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as GroupId) : undefined;
}
