import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startTeam } from '../../support/team.ts';
import {
  behindClient,
  deadTrackerFile,
  lateTrackerFile,
  pinnedTrackerFile,
  refused,
  refusedRun,
  restoredTrackerFile,
  strangeTrackerFile,
} from '../error-world.ts';
import type { ErrorCases } from './error-case.ts';

/** Trackers that can't be reached, aren't believed, or don't serve now. */
export const trackerErrors: ErrorCases = [
  [
    'protocol',
    {
      how: async (world) => refusedRun(await strangeTrackerFile(world), world.path('home-p'), 'create_user a b\n'),
      names: /tracker/,
      advice: /is it a tracker\?/,
    },
  ],
  [
    'tracker_unreachable',
    {
      how: async (world) => refusedRun(await deadTrackerFile(world), world.path('home-u'), 'login a b\n'),
      names: /127\.0\.0\.1:\d+/,
      advice: /start one, or try again/,
    },
  ],
  [
    'tracker_key_changed',
    {
      how: async (world) => refusedRun(pinnedTrackerFile(world), world.path('home-k'), 'create_user a b\n'),
      names: /127\.0\.0\.1:\d+/,
      advice: /key/,
    },
  ],
  [
    'from_backup',
    {
      how: async (world) => refusedRun(await restoredTrackerFile(world), world.path('home-b'), 'create_user a b\n'),
      names: /backup of \d{4}-\d\d-\d\d/,
      advice: /waits until it has read from another tracker, or its operator types accept_loss/,
    },
  ],
  [
    'clock_skew',
    {
      how: async (world) => refusedRun(await lateTrackerFile(world), world.path('home-l'), 'create_user a b\n'),
      names: /clock of the tracker is 3\d{3} s behind/,
      advice: /set it right, wait until another tracker agrees/,
    },
  ],
  [
    'tracker_behind',
    {
      how: async (world) =>
        refused(await behindClient(world), `download_file team behind.bin ${world.path('fetched')}`),
      names: /metainfo/,
      advice: /try again when it can/,
    },
  ],
  [
    'signup_closed',
    {
      how: async ({ team, guest }) => {
        const { stdin } = team.tracker.process;
        stdin?.write('signup closed\n');
        while (!team.tracker.output().includes('sign-up is closed')) await once(team.tracker.process.stdout!, 'data');
        const refusal = await refused(guest, 'create_user late secret');
        stdin?.write('signup open\n');
        return refusal;
      },
      names: /no new accounts/,
      advice: /ask who runs it/,
    },
  ],
  [
    'internal',
    {
      // Somebody works on the tracker's database with other tools.
      how: async () => {
        const broken = await startTeam(1);
        try {
          const database = new DatabaseSync(join(broken.folder, 'tracker', 'tracker.db'), { timeout: 5000 });
          database.exec('DROP TABLE op_pieces');
          database.close();
          return await refused(broken.members[0]!, 'create_group more');
        } finally {
          await broken.stop();
        }
      },
      names: /tracker/,
      advice: /log/,
    },
  ],
];
