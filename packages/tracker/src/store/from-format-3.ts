import type { DatabaseSync } from 'node:sqlite';
import type { Op } from '../replication/op.ts';
import { COMMANDS, INDEXED } from './command-rows.ts';
import { OpLog } from './op-log.ts';

/** Format 3 had each command's key in the index at once. To be called within a transaction. */
export function convertFromFormat3(db: DatabaseSync): void {
  db.exec(`
    DROP INDEX aging_commands;
    ALTER TABLE commands RENAME TO commands_3;
    ${COMMANDS}
    INSERT INTO commands SELECT id, key, value, hlc, origin, seq FROM commands_3 ORDER BY id;
    DROP TABLE commands_3`);
}

/** What was converted may be more than is kept in memory: its keys come into the index at once. */
export function indexCommands(db: DatabaseSync): void {
  db.exec(`
    INSERT INTO command_keys (key, id) SELECT key, id FROM commands ORDER BY key;
    INSERT OR REPLACE INTO meta SELECT '${INDEXED}', coalesce(max(id), 0) FROM commands`);
}

/** Until format 3 the log had a row for each op. */
export function pieceOps(db: DatabaseSync): void {
  const log = new OpLog(db);
  const ops = db.prepare(
    'SELECT origin, seq, last_seq_of_commit AS last, hlc, entity, key, value FROM ops ORDER BY origin, seq',
  );
  for (const op of ops.iterate()) log.add(op as unknown as Op, op['value'] as string | null);
  log.endPiece();
  db.exec('DROP TABLE ops');
}
