import type { PeerKey } from './transfer-events.ts';

/** What the choker knows of a connection. */
interface Upload {
  readonly peer: PeerKey;
  /** It wants pieces of us. */
  readonly interested: boolean;
  readonly unchoked: boolean;
  /** When it was last choked or unchoked (joined, at first). */
  readonly sinceMs: number;
}

/** What most clients have done since BEP 3. */
const SLOTS = 8;
const TURN_MS = 10_000;

/**
 * Choking without grants, to compare with: every interested peer is served, up to eight of them. Where more wait, those served longer than
 * ten seconds give way, longest first. Answers with the changes only.
 */
export function reviewUploads(uploads: Iterable<Upload>, nowMs: number): { choke: PeerKey[]; unchoke: PeerKey[] } {
  const choke: PeerKey[] = [];
  const served: Upload[] = [];
  const waiting: Upload[] = [];
  for (const upload of uploads) {
    if (!upload.interested) {
      if (upload.unchoked) choke.push(upload.peer);
    } else (upload.unchoked ? served : waiting).push(upload);
  }
  const longestFirst = (left: Upload, right: Upload) => left.sinceMs - right.sinceMs || left.peer - right.peer;
  waiting.sort(longestFirst);
  const unchoke = waiting.splice(0, Math.max(0, SLOTS - served.length));
  const done = served.filter((upload) => nowMs - upload.sinceMs >= TURN_MS).sort(longestFirst);
  for (const next of waiting) {
    const previous = done.shift();
    if (previous === undefined) break;
    choke.push(previous.peer);
    unchoke.push(next);
  }
  return { choke, unchoke: unchoke.map((upload) => upload.peer) };
}
