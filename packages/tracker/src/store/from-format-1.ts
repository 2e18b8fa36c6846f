import type { DatabaseSync } from 'node:sqlite';

interface OldRow {
  readonly entity: string;
  readonly key: string;
  readonly value: string;
  readonly hlc: number;
  readonly origin: string;
  readonly seq: number;
}

type Value = Readonly<Record<string, unknown>>;

/** What a row of format 1 is now: entity, key and value, and whether it is this tracker's own. */
function* converted({ entity, key, value: text, hlc }: OldRow): IterableIterator<[string, string, Value, boolean?]> {
  const value = JSON.parse(text) as Value;
  switch (entity) {
    case 'user_name':
    case 'group_name':
      yield [entity, `${key}/${value['uid'] ?? value['gid']}`, { claimedAt: hlc, settled: true }];
      return;
    case 'user':
    case 'group':
      yield [entity, key, { ...value, renamedAt: 0 }];
      return;
    case 'credential':
      yield [entity, key, { ...value, changedAt: hlc }];
      return;
    case 'login':
    case 'preferred_owner':
      yield [entity, key, { ...value, at: hlc }];
      return;
    case 'issuer':
      yield [entity, key, { tracker: 1, ...value }];
      return;
    case 'membership':
      yield ['application', `${key}/${value['applicationId']}`, value];
      yield [entity, key, value, true];
      return;
    case 'file_name':
      yield [entity, `${key}/${value['infoHash']}`, value, true];
      return;
    default:
      yield [entity, key, value];
  }
}

/**
 * Format 1 was a tracker's that was alone: names belonged to rows, memberships were rows of their own. Its log goes: whoever replicates with this tracker begins with a
 * snapshot. To be called within a transaction.
 */
export function convertFromFormat1(db: DatabaseSync): void {
  const rows = db.prepare('SELECT * FROM rows WHERE value IS NOT NULL').all() as unknown as OldRow[];
  db.exec('DELETE FROM rows; DELETE FROM ops');
  const add = db.prepare('INSERT INTO rows (entity, key, value, hlc, origin, seq) VALUES (?, ?, ?, ?, ?, ?)');
  const held = new Map<string, number>();
  for (const row of rows) {
    for (const [entity, key, value, isOwn] of converted(row)) {
      const [origin, seq] = isOwn ? ['', 0] : [row.origin, row.seq];
      add.run(entity, key, JSON.stringify(value), row.hlc, origin, seq);
      if (origin !== '') held.set(origin, Math.max(seq, held.get(origin) ?? 0));
    }
  }
  const addOrigin = db.prepare('INSERT INTO origins (origin, held, floor) VALUES (?, ?, ?)');
  for (const [origin, seq] of held) addOrigin.run(origin, seq, seq);
}
