import type { Block } from '@peerage/bittorrent';

/** How a member of its own making behaves. All of them claim to have the whole file. */
export type Manners =
  | { readonly kind: 'honest' }
  /** Sends wrong bytes in that share of its blocks, chosen by the seed, after so many right ones. */
  | { readonly kind: 'lies'; readonly share: number; readonly seed: number; readonly afterBlocks?: number }
  /** Sends wrong bytes in one block of every n-th piece, always in the same ones. */
  | { readonly kind: 'lies_about'; readonly everyNthPiece: number }
  /** Takes connections and says nothing, not even who it is. */
  | { readonly kind: 'mute' }
  /** Lets itself be asked and never answers. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'chokes' }
  | { readonly kind: 'rejects' };

/** Says of one block after another whether it is sent wrong. */
export function conscience(manners: Manners): (block: Block) => boolean {
  if (manners.kind === 'lies_about') {
    return ({ piece, offsetBytes }) => piece % manners.everyNthPiece === 0 && offsetBytes === 0;
  }
  if (manners.kind !== 'lies') return () => false;
  const { share, afterBlocks = 0 } = manners;
  const random = mulberry32(manners.seed);
  let sent = 0;
  return () => sent++ >= afterBlocks && random() < share;
}

/** Numbers from 0 to 1, the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
