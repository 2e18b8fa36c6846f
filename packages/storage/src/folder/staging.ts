import { join } from 'node:path';

/** Where a folder's download keeps what has no final name yet: a hidden folder in the folder itself, so that a rename can name it. */
export const stagingName = (infoHash: string): string => `.peerage-${infoHash.slice(0, 16)}.part`;

export const stagingPath = (destination: string, infoHash: string): string => join(destination, stagingName(infoHash));

/** Such a folder is no part of what lies around it: it is not shared. */
export const isStagingName = (name: string): boolean => /^\.peerage-[0-9a-f]{16}\.part$/.test(name);

/** The file of that number while it is incomplete. */
export const partOf = (staging: string, file: number): string => join(staging, `${file}.part`);

/** Bytes of files that were not chosen, of the pieces that chosen files share with them: each at its place in the share, with holes between. */
export const borderPath = (staging: string): string => join(staging, 'border.part');
