import { writeSync } from 'node:fs';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { openFolderDownload } from '../folder/open-folder-download.ts';
import { contentOf, pieceOf } from './content.ts';
import { filesOf, folderPlan } from './folder.ts';

/**
 * A process of its own that downloads a folder (from memory) and kills itself: arguments are the destination, and after how many stored
 * pieces; `finished`: right after the final names. Prints what was promised before, one word a line, without buffering.
 */
const [destination, moment] = process.argv.slice(2) as [string, string];
const content = contentOf(4 * PIECE_BYTES + 77);
const { store } = await openFolderDownload(
  folderPlan(content, filesOf(content, [10, 0, 700_000, 5, PIECE_BYTES, 3]), destination),
);
const { geometry } = store;
let stored = 0;
for (const piece of [...geometry.pieces()].reverse()) {
  if (store.have.has(piece)) continue;
  await store.writePiece(piece, pieceOf(content, geometry, piece));
  writeSync(1, `${piece}\n`);
  for (const file of [...store.wholeFiles()]) await store.nameFile(file);
  if (String(++stored) === moment) process.kill(process.pid, 'SIGKILL');
  // Not waited for: most kills meet one under way.
  if (stored % 2 === 0) void store.checkpoint();
}
await store.finish();
writeSync(1, 'finished\n');
process.kill(process.pid, 'SIGKILL');
