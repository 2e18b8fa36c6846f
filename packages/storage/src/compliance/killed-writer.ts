import { writeSync } from 'node:fs';
import { openDownload } from '../download/open-download.ts';
import { contentOf, pieceOf } from './content.ts';
import { planFor } from './download.ts';

/**
 * A process of its own that downloads (from memory) and kills itself: arguments are the size, the destination, and after how many
 * stored pieces; `finished`: right after the final name. Prints what was promised before, one word a line, without buffering:
 * the number of a stored piece, or "finished".
 */
const [sizeBytes, destination, moment] = process.argv.slice(2) as [string, string, string];
const content = contentOf(Number(sizeBytes));
const { store } = await openDownload(planFor(content, destination));
const { geometry } = store;
const missing = [...geometry.pieces()].filter((piece) => !store.have.has(piece));
let stored = 0;

async function writeMissing(): Promise<void> {
  for (let piece = missing.pop(); piece !== undefined; piece = missing.pop()) {
    await store.writePiece(piece, pieceOf(content, geometry, piece));
    writeSync(1, `${piece}\n`);
    if (String(++stored) === moment) process.kill(process.pid, 'SIGKILL');
    // Not waited for: most kills meet one under way.
    if (stored % 3 === 0) void store.checkpoint();
  }
}
await Promise.all([writeMissing(), writeMissing()]);
await store.finish();
writeSync(1, 'finished\n');
process.kill(process.pid, 'SIGKILL');
