export { makeBackup } from './backup/make-backup.ts';
export { restoreBackup } from './backup/restore-backup.ts';
export { askOperator } from './operator-port.ts';
export { type KeygenStep, keygen } from './replication/secret-file.ts';
export { type RunTracker, runTracker } from './run-tracker.ts';
export { defaultDataFolder } from './store/data-folder.ts';
