import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { startTeam, type Team } from './team.ts';

interface TeamInUse {
  readonly team: () => Team;
  readonly owner: () => ClientProcess;
  readonly member: () => ClientProcess;
  readonly third: () => ClientProcess;
  /** Below the folder of the team. */
  readonly path: (...names: string[]) => string;
}

/** A team for all tests of one file: it is there when the first of them runs, and gone after the last. */
export function useTeam(members: 2 | 3): TeamInUse {
  let team: Team | undefined;
  beforeAll(async () => {
    team = await startTeam(members);
  });
  afterAll(() => team?.stop());
  return {
    team: () => team!,
    owner: () => team!.members[0]!,
    member: () => team!.members[1]!,
    third: () => team!.members[2]!,
    path: (...names) => join(team!.folder, ...names),
  };
}
