import { extensionHandshakeLimits } from '../../../packages/bittorrent/src/extended/extension-handshake.ts';
import { METAINFO_LIMITS } from '../../../packages/bittorrent/src/metainfo/info.ts';
import { MAX_NAME_BYTES } from '../../../packages/bittorrent/src/names/portable-name.ts';
import { MAX_EXTENDED_BYTES } from '../../../packages/bittorrent/src/wire/message-ids.ts';
import { eventLimits as controlEventLimits, controlLimits } from '../../../packages/client/src/control/http/limits.ts';
import {
  activityLimits,
  browseLimits,
  inspectionLimits,
  pageLimits,
  trafficLimits,
} from '../../../packages/client/src/control/page-limits.ts';
import {
  dialLimits,
  handshakeLimits,
  linkLimits,
  revocationLimits,
  shareLinkLimits,
} from '../../../packages/client/src/net/limits.ts';
import { DEFAULT_LIMITS } from '../../../packages/swarm/src/transfer-limits.ts';
import { closed, section } from './section.ts';

const net = 'packages/client/src/net/limits.ts';

/** Sections of what a client bounds: towards peers, its shells and its page. */
export const limitsOfClients = (): string[] => [
  section('Metainfo', 'packages/bittorrent/src/metainfo/info.ts', METAINFO_LIMITS, {
    infoBytes: ['info dictionary', '`limit`'],
    tokens: ['its bencode tokens', '`limit`'],
    shareBytes: ['content of a share', '`limit`'],
    entries: ['files and empty folders of a folder share', '`limit`'],
    pathDepth: ['names in a path', '`limit`'],
    pathBytes: ['path', '`limit`'],
  }),
  section(
    'Names and peer messages',
    'packages/bittorrent/src',
    { nameBytes: MAX_NAME_BYTES, extendedBytes: MAX_EXTENDED_BYTES },
    {
      nameBytes: ['file name', '`unsafe_name`'],
      extendedBytes: [
        'extended message; every other message is bounded by its type, a bitfield by its share, a block by what was asked: 16 KiB, or one whole piece of 512 KiB where both sides said that they take it',
        closed,
      ],
    },
  ),
  section('Extension handshake', 'packages/bittorrent/src/extended/extension-handshake.ts', extensionHandshakeLimits, {
    tokens: ['its bencode tokens', closed],
    depth: ['values inside one another', closed],
    messageIds: ['messages that it names', 'they are passed over'],
    clientBytes: ["the client's name", 'it is passed over'],
    userBytes: ["the user's name", 'it is passed over'],
  }),
  section("A peer's requests", 'packages/swarm/src/transfer-limits.ts', DEFAULT_LIMITS, {
    maxOpenPieces: ['pieces open before a buffer is granted', ''],
    unwrittenPieces: ['whole pieces that wait for the disk', 'no other is opened'],
    stallMs: ['a connection may let a piece wait', 'others are asked'],
    declinedMs: ['a refused piece is not asked for again', ''],
    idleMs: ['silence', closed],
    keepAliveMs: ['before a keep-alive', ''],
    servedBytes: ['waiting to be sent to one peer', 'its requests wait'],
    waitingRequests: ['requests of one peer that wait behind it', 'more are rejected'],
    waitingBytes: ['what they ask for', 'more are rejected'],
    unwantedBlocks: ['blocks nobody asked for', closed],
    refusedRequests: ['requests in vain between two blocks served', closed],
    endgameCopies: ['connections that one block is asked of at the end', ''],
  }),
  section(
    'The peer port',
    net,
    { ...handshakeLimits, ...linkLimits },
    {
      blockPerSecond: ['TLS handshakes from one address or /64', closed],
      blockAtOnce: ['of them at once, after a rest', closed],
      inAllPerSecond: ['TLS handshakes in all', closed],
      inAllAtOnce: ['of them at once, after a rest', closed],
      keptShare: [
        'share of these, and of those under way, kept for addresses that lately showed a certificate that counts',
        closed,
      ],
      keptForMs: ['such an address is remembered', ''],
      pendingPerBlock: ['handshakes under way from one address or /64', closed],
      pendingInAll: ['handshakes under way', closed],
      rememberedBlocks: ['addresses and /64s remembered', 'the oldest is forgotten'],
      tlsMs: ['for a TLS handshake', closed],
      bittorrentMs: ['for the BitTorrent handshake', closed],
      recheckEveryMs: ['open connections are judged again', ''],
      unreadMs: ['a peer may read nothing of what waits for it', closed],
      unreadBytes: ['that may wait for a peer', closed],
    },
  ),
  section(
    'Connections of a share',
    net,
    { ...shareLinkLimits, ...revocationLimits },
    {
      connections: ['connections', closed],
      dialed: ['members that it wants to be connected to', 'others may come'],
      rowsInMessage: ['revocations passed on in one message', 'the rest comes with the next'],
      toldAtFirst: ['revocations told to a member who just came', 'the latest are'],
    },
  ),
  section('Dialing', net, dialLimits, {
    attempts: ['attempts at once; one at a time for an address', 'the address waits'],
    attemptMs: ['for an attempt', 'it is given up'],
    strangerTries: ['tries in a row in which no member answers', 'the address rests'],
    quarantineMs: ['that rest, whatever the news', ''],
    newsAtOnce: ['news of an address that cut a rest short, at once', 'they change nothing'],
    newsEveryMs: ['then one every', 'they change nothing'],
  }),
  section(
    'The control API',
    'packages/client/src/control/http/limits.ts',
    { ...controlLimits, ...controlEventLimits },
    {
      bodyBytes: ['words of a command', '`limit`'],
      connections: ['connections', closed],
      streams: ['readers of the events', '`limit`'],
      requestMs: ['for head and body of a request', closed],
      waitingBytes: ['that may wait for a caller who does not read', 'progress and events are left out'],
      paceMs: ['between two news of how far a download is', 'the latest counts'],
      movedBytesPerSecond: ['news of how far all downloads are, a second', 'they come more seldom'],
      closingMs: ['for answers under way when the client ends', closed],
      kept: ['events kept for a reader who comes back, besides the latest of each download', '`resync`'],
      early: ['events kept for the first shell while the client starts', 'later ones are not shown'],
    },
  ),
  section('The page', 'packages/client/src/control/page-limits.ts', pageLimits, {
    codeMs: ['a one-time code opens the page for', '`foreign_caller`'],
    codes: ['codes that nobody has used yet', 'the oldest opens nothing any more'],
    sessions: ['tabs that were let in', 'the oldest has to come in again'],
  }),
  section(
    'What is looked at',
    'packages/client/src/control/page-limits.ts',
    { ...browseLimits, ...inspectionLimits, ...trafficLimits },
    {
      entries: ['entries told of a folder of this machine', 'the first are, and that there are more'],
      folderFiles: ['files told of a folder of the catalogue', 'the first are, and how many more there are'],
      cells: ['cells of a piece map', 'several pieces to a cell'],
      rateMs: ['the rates of peers are told over at least', ''],
      sampleMs: ['between two samples of a rate', ''],
      samples: ['samples kept of a rate', 'the oldest is forgotten'],
      sharesASecond: ['shares whose numbers are told in a second', 'the others wait for the next one'],
      histories: ['transfers whose rates are kept', 'the one that moved longest ago is forgotten'],
    },
  ),
  section('Activity', 'packages/client/src/control/page-limits.ts', activityLimits, {
    entries: ['entries kept of a group, and of a transfer', 'the oldest is forgotten'],
    subjects: ['groups and transfers of which entries are kept', 'the one that was quiet for longest is forgotten'],
  }),
];
