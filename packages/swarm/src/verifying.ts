import type { PieceAssembly } from './piece-assembly.ts';
import type { TransferState } from './transfer-state.ts';

/** Every block of the piece is in its buffer: to be verified and written, at once or when the store can write again. */
export function handOver(state: TransferState, assembly: PieceAssembly): void {
  const owner = assembly.owner === undefined ? undefined : state.sessions.get(assembly.owner);
  if (owner !== undefined) owner.owned = owner.owned.filter((owned) => owned !== assembly);
  assembly.owner = undefined;
  state.orphans.delete(assembly);
  if (state.storeBlocked) {
    assembly.phase = 'held';
  } else {
    assembly.phase = 'verifying';
    state.emit({ type: 'verify_piece', piece: assembly.piece });
  }
}

/** The piece is open no more; its buffer is free. */
export function close(state: TransferState, assembly: PieceAssembly): void {
  state.open.delete(assembly.piece);
  state.orphans.delete(assembly);
  state.refill = true;
}
