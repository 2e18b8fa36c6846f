import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

const MAX_NAME_BYTES = 255;

/** Where a download's data is until it gets its final name: `<destination>.part`, with the name shortened where that is too long. */
export function partPath(destination: string): string {
  const name = basename(destination);
  if (Buffer.byteLength(name) + '.part'.length <= MAX_NAME_BYTES) return `${destination}.part`;
  const ending = `~${createHash('sha256').update(name).digest('hex').slice(0, 8)}.part`;
  let start = name;
  while (Buffer.byteLength(start) + ending.length > MAX_NAME_BYTES) start = [...start].slice(0, -1).join('');
  return join(dirname(destination), start + ending);
}
