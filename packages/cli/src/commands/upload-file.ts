import { resolve } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { showBytes, showCount } from '../render/quantities.ts';
import { unsettled } from '../render/settled.ts';
import { command } from './command.ts';

const usage = (sentence: string): PeerageError => new PeerageError('usage', sentence);

export const uploadFile = command({
  name: 'upload_file',
  arguments: [
    { key: 'first', shown: 'file_path', kind: 'path_or_group', optional: true },
    { key: 'second', shown: 'group_id', kind: 'path_or_group', optional: true },
  ],
  options: [
    { key: 'file', value: 'PATH', kind: 'path', meaning: 'the word that is the path, where both words could be' },
    { key: 'group', value: 'GROUP', kind: 'group', meaning: 'the word that is the group, where both words could be' },
    { key: 'name', value: 'NAME', kind: 'name', meaning: 'share it under another name' },
  ],
  example: "upload_file 'my file.iso' team",
  notes:
    'A folder is shared with all that is in it; links in it are not followed. The two words may stand in either order: the reading whose group and path exist is taken.',
  params: ({ first, second, file, group, name }, cwd) => {
    const rest = { cwd, ...(name !== undefined && { name }) };
    if (file === undefined && group === undefined) {
      if (first === undefined || second === undefined) {
        throw usage('upload_file needs a path and a group: upload_file <file_path> <group_id>');
      }
      return { words: [first, second], ...rest };
    }
    if (second !== undefined || (file !== undefined && group !== undefined && first !== undefined)) {
      throw usage('upload_file has a word too many: --file and --group each stand for one of its two words');
    }
    const path = file ?? first;
    const into = group ?? first;
    if (path === undefined || into === undefined) {
      throw usage(
        `upload_file needs a ${path === undefined ? 'path' : 'group'} too: upload_file <file_path> <group_id>`,
      );
    }
    return { path: resolve(cwd, path), group: into, ...rest };
  },
  render: (result) => {
    const { group, name, size, files, pieces, sha1, renamed = [], links = [] } = result;
    const content =
      files === undefined ? showCount(pieces, 'piece') : `${showCount(files, 'file')}, ${showCount(pieces, 'piece')}`;
    const hash = files === undefined ? `SHA-1 ${sha1}` : `info-hash ${sha1}`;
    return [
      `shared [${group}] ${name}: ${showBytes(size)}, ${content}, ${hash}${unsettled(result)}`,
      ...some(renamed.map((one) => `shared as ${one.name}, since other systems can't hold its name: ${one.path}`)),
      ...some(links.map((link) => `left out, links are not followed: ${link}`)),
    ].join('\n');
  },
});

const MOST_LINES = 20;

/** The first lines, and how many more there are. */
const some = (lines: readonly string[]): string[] =>
  lines.length <= MOST_LINES
    ? [...lines]
    : [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more like that`];
