import { columns } from '../render/columns.ts';
import { showBytes } from '../render/quantities.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const listFiles = command({
  name: 'list_files',
  arguments: [group],
  example: 'list_files team',
  params: ({ group }) => ({ group }),
  render: ({ files }, { group }, look) =>
    files.length === 0
      ? `no files in ${group} yet: upload_file <file_path> ${group} shares one`
      : columns(
          ['file', 'size', 'by', 'seeders', 'you'],
          files.map(({ name, size, by, seeders, shared_by_you }) => [
            name,
            showBytes(size),
            by,
            String(seeders),
            shared_by_you ? 'sharing' : '',
          ]),
          look,
        ),
});
