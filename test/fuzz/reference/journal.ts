/** CRC-32 (IEEE 802.3), one bit at a time. */
export function crc32Hex(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (~crc >>> 0).toString(16).padStart(8, '0');
}

/** A journal (packages/storage/src/download/journal-lines.ts, head) as a plain text: what it vouches for, 'newer', or undefined. */
export function referenceJournal(bytes: Uint8Array, pieceCount: number): string | undefined {
  const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
  const [format, version] = (lines[0] ?? '').split(' ');
  if (format !== 'peerage-download-journal' || (lines[0] ?? '').split(' ').length !== 2) return undefined;
  if (!isDigits(version ?? '', 9)) return undefined;
  if (Number(version) > 1) return 'newer';
  const pieces = { stored: new Set<number>(), writing: new Set<number>() };
  let header: unknown;
  let finished: string | undefined;
  lines.slice(1).forEach((line, at) => {
    const rest = line.slice(9);
    // A line longer than any that is written may be cut by its reader: it says nothing then.
    if (line.slice(0, 8) !== crc32Hex(rest) || line[8] !== ' ') return;
    if (at === 0) {
      header = headerOf(rest);
      return;
    }
    const [verb = '', ...words] = rest.split(' ');
    if (verb === 'finished' && isDigits(words[0] ?? '', 20)) finished = String(BigInt(words[0]!));
    if (verb !== 'stored' && verb !== 'writing') return;
    for (const range of words) {
      const [first = '', last = first, more] = range.split('-');
      if (!isDigits(first, 9) || !isDigits(last, 9) || more !== undefined) continue;
      for (let piece = Number(first); piece <= Math.min(Number(last), pieceCount - 1); piece++) pieces[verb].add(piece);
    }
  });
  if (header === undefined) return undefined;
  const sorted = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);
  return JSON.stringify({ header, stored: sorted(pieces.stored), writing: sorted(pieces.writing), finished });
}

const isDigits = (text: string, most: number): boolean =>
  text.length >= 1 && text.length <= most && [...text].every((digit) => '0123456789'.includes(digit));

function headerOf(text: string): unknown {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const fields = [
      value?.['infoHash'],
      value?.['sizeBytes'],
      value?.['destination'],
      value?.['partInode'],
      value?.['partBornNs'],
    ];
    const sizeBytes = fields[1];
    if (typeof sizeBytes !== 'number' || sizeBytes % 1 !== 0 || sizeBytes < 0 || sizeBytes > 2 ** 53 - 1)
      return undefined;
    return fields.every((field, at) => typeof field === (at === 1 ? 'number' : 'string')) ? fields : undefined;
  } catch {
    return undefined;
  }
}
