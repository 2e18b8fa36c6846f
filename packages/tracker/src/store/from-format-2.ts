import type { DatabaseSync } from 'node:sqlite';

/** Format 2 kept commands among the other rows, by their random keys. To be called within a transaction. */
export function convertFromFormat2(db: DatabaseSync): void {
  db.exec(`
    DROP INDEX IF EXISTS aging_rows;
    INSERT INTO commands (key, value, hlc, origin, seq)
      SELECT key, value, hlc, origin, seq FROM rows WHERE entity = 'command' AND value IS NOT NULL ORDER BY hlc;
    DELETE FROM rows WHERE entity = 'command'`);
}
