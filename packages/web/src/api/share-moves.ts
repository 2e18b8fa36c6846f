import type { ControlEvent } from '@peerage/contract';
import { useSyncExternalStore } from 'react';
import { keyOf } from '../transfers/transfer-key.ts';

export type ShareMove = Omit<Extract<ControlEvent, { type: 'share_moved' }>, 'type'>;
export type ShareMoves = ReadonlyMap<string, ShareMove>;

let moves: ShareMoves = new Map();
let pending: ShareMove[] = [];
const listeners = new Set<() => void>();

function set(next: ShareMoves): void {
  moves = next;
  for (const listener of listeners) listener();
}

/** The numbers of a share that moved since the shares were asked for: thousands of others stay the list that they are. */
export function moveShare(move: ShareMove): void {
  pending.push(move);
  if (pending.length > 1) return;
  requestAnimationFrame(() => {
    const next = new Map(moves);
    for (const told of pending) next.set(keyOf(told.group, told.file), told);
    pending = [];
    set(next);
  });
}

/** The shares are asked for anew, and tell their numbers themselves. */
export const forgetMoves = (): void => set(new Map());

export const useShareMoves = (): ShareMoves =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => moves,
  );
