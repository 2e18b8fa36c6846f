import type { EngineEvent } from './engine/engine-protocol.ts';
import type { ClientLog } from './home/log.ts';
import type { ClientParts } from './parts.ts';

/** What the main thread does about each thing that the engine tells. */
export function engineEvents(parts: ClientParts, log: Pick<ClientLog, 'warn'>): (event: EngineEvent) => void {
  const { traffic, sharing, fetching, revocations, certificates, reachability, verifyProgress, tell } = parts;

  function tellBanned({ share, message }: Extract<EngineEvent, { type: 'banned' }>) {
    const row = fetching.known.ofContent(share) ?? sharing.known.rows().find(({ infoHash }) => infoHash === share);
    if (row) tell({ type: 'peer_banned', group: row.groupName, file: row.name, message });
  }

  return (event) => {
    switch (event.type) {
      case 'snapshots':
        for (const snapshot of event.transfers) {
          traffic.onRates(
            snapshot.share,
            { down: snapshot.downBytesPerSecond, up: snapshot.upBytesPerSecond },
            snapshot.connected,
          );
          sharing.onSnapshot(snapshot);
          fetching.news.onSnapshot(snapshot);
        }
        return;
      case 'reached':
        reachability.reached = true;
        return tell({ type: 'reached' });
      case 'verifying':
        return verifyProgress.onEvent(event);
      case 'completed':
        return fetching.news.onCompleted(event);
      case 'failed':
        return fetching.news.onFailed(event);
      case 'source_verified':
        return sharing.onSourceVerified(event.share, event.identity);
      case 'source_problem':
        return sharing.onSourceProblem(event);
      case 'revocations':
        return revocations.toldByPeer(event.revoked);
      case 'refused':
        if (event.code === 'unknown_issuer') certificates.issuerUnknown();
        return log.warn({ code: event.code, host: event.host, untold: event.untold }, `refused: ${event.message}`);
      case 'banned':
        log.warn({ share: event.share, device: event.device }, event.message);
        return tellBanned(event);
    }
  };
}
