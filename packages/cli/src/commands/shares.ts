import { columns } from '../render/columns.ts';
import { showBytes } from '../render/quantities.ts';
import { shareProblems } from '../render/share-lines.ts';
import { command } from './command.ts';

export const shares = command({
  name: 'shares',
  arguments: [],
  example: 'shares',
  params: () => ({}),
  render: ({ shares }, _words, look) =>
    shares.length === 0
      ? 'this device shares nothing: upload_file <file_path> <group_id>'
      : [
          columns(
            ['group', 'file', 'size', 'state', 'uploaded', 'path'],
            shares.map(({ group, file, size, state, uploaded, path }) => [
              group,
              file,
              showBytes(size),
              state,
              showBytes(uploaded),
              path,
            ]),
            look,
          ),
          ...shareProblems(shares),
        ].join('\n'),
});
