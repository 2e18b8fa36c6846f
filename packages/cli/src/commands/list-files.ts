import { columns } from '../render/columns.ts';
import { showBytes } from '../render/quantities.ts';
import { command } from './command.ts';
import { group } from './words-for.ts';

export const listFiles = command({
  name: 'list_files',
  arguments: [group],
  example: 'list_files team',
  params: ({ group }) => ({ group }),
  render: ({ files }, { group }, look) => {
    if (files.length === 0) return `no files in ${group} yet: upload_file <file_path> ${group} shares one`;
    const hasFolders = files.some(({ kind }) => kind === 'folder');
    return columns(
      ['file', ...(hasFolders ? ['files'] : []), 'size', 'by', 'seeders', 'you'],
      files.map((file) => [
        file.kind === 'folder' ? `${file.name}/` : file.name,
        ...(hasFolders ? [file.files === null ? '' : String(file.files)] : []),
        showBytes(file.size),
        file.by,
        String(file.seeders),
        file.shared_by_you ? 'sharing' : '',
      ]),
      look,
    );
  },
});
