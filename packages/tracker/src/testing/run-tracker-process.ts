import { PeerageError } from '@peerage/contract';
import { runTracker } from '../run-tracker.ts';

/** The process of tracker-process.ts: a tracker on a free port of 127.0.0.1. */
const [, , trackerInfoPath = '', dataDir = ''] = process.argv;
try {
  const { stdin, stdout, stderr } = process;
  const listen = { host: '127.0.0.1', port: 0 };
  process.exitCode = await runTracker({ trackerInfoPath, number: 1, dataDir, listen, stdin, stdout, stderr });
} catch (error) {
  if (!(error instanceof PeerageError)) throw error;
  process.stderr.write(`error: ${error.message} (${error.code})\n`);
  process.exitCode = error.exitCode;
}
