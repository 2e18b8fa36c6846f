import type { Download, Movement } from '@peerage/contract';

type Change =
  | { readonly kind: 'put'; readonly download: Download }
  | { readonly kind: 'move'; readonly movement: Movement }
  | { readonly kind: 'remove' };

/** What was told of downloads since the last frame: the last word on each. However much is told, the page changes once a frame. */
export class DownloadChanges {
  #pending = new Map<string, Change>();

  put(download: Download): void {
    this.#pending.set(download.id, { kind: 'put', download });
  }

  move(movement: Movement): void {
    const before = this.#pending.get(movement.id);
    if (before?.kind === 'remove') return;
    this.#pending.set(
      movement.id,
      before?.kind === 'put' ? { kind: 'put', download: moved(before.download, movement) } : { kind: 'move', movement },
    );
  }

  remove(id: string): void {
    this.#pending.set(id, { kind: 'remove' });
  }

  /** The downloads as they are now, and whether some word was missed on the way: then they have to be asked for. */
  apply(downloads: readonly Download[]): { readonly downloads: Download[]; readonly isStale: boolean } {
    const pending = this.#pending;
    this.#pending = new Map();
    const next: Download[] = [];
    let isStale = false;
    for (const known of downloads) {
      const change = pending.get(known.id);
      pending.delete(known.id);
      if (change?.kind === 'remove') continue;
      if (change?.kind === 'move') isStale ||= change.movement.state !== known.state;
      if (change === undefined) next.push(known);
      else next.push(change.kind === 'put' ? change.download : moved(known, change.movement));
    }
    for (const change of pending.values()) {
      if (change.kind === 'put') next.push(change.download);
      else isStale ||= change.kind === 'move';
    }
    return { downloads: next, isStale };
  }
}

const moved = (download: Download, { done, rate, peers, up_rate, uploaded, availability }: Movement): Download => ({
  ...download,
  done,
  rate,
  peers,
  up_rate,
  uploaded,
  availability,
  eta: rate > 0 ? (download.size - done) / rate : null,
});
