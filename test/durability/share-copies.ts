import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { type Team, writeRandomFile } from '../support/team.ts';

export interface SharedFile {
  readonly sizeBytes: number;
  readonly sha1: string;
  /** Where a member has it, by his place. */
  path(place: number): string;
}

/** A new file that the first members of the team have and share: so many seeders. */
export async function shareCopies(team: Team, name: string, mib: number, seeders: number): Promise<SharedFile> {
  const path = (place: number) => join(team.folder, `files-${place}`, name);
  writeRandomFile(path(0), mib);
  const { sha1 } = await team.members[0]!.do('upload_file', path(0), 'team');
  for (let place = 1; place < seeders; place++) {
    linkSync(path(0), path(place));
    await team.members[place]!.do('upload_file', path(place), 'team');
  }
  return { sizeBytes: mib * 1024 * 1024, sha1, path };
}
