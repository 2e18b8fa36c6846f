import { extensionHandshakeLimits } from '../../packages/bittorrent/src/extended/extension-handshake.ts';
import { METAINFO_LIMITS } from '../../packages/bittorrent/src/metainfo/info.ts';
import { MAX_NAME_BYTES } from '../../packages/bittorrent/src/names/portable-name.ts';
import { MAX_EXTENDED_BYTES } from '../../packages/bittorrent/src/wire/message-ids.ts';
import { eventLimits as controlEventLimits, controlLimits } from '../../packages/client/src/control/http/limits.ts';
import {
  activityLimits,
  browseLimits,
  inspectionLimits,
  pageLimits,
  trafficLimits,
} from '../../packages/client/src/control/page-limits.ts';
import {
  dialLimits,
  handshakeLimits,
  linkLimits,
  revocationLimits,
  shareLinkLimits,
} from '../../packages/client/src/net/limits.ts';
import { handOverLimits } from '../../packages/contract/src/certificates/key-hand-over.ts';
import { invitationLimits } from '../../packages/contract/src/invitation.ts';
import { callLimits } from '../../packages/contract/src/tracker-api/shapes.ts';
import { trackerListLimits } from '../../packages/contract/src/tracker-list.ts';
import { DEFAULT_LIMITS } from '../../packages/swarm/src/transfer-limits.ts';
import { defaultLimits } from '../../packages/tracker/src/domain/limits.ts';
import {
  blobLimits,
  type CreationRates,
  certificateLimits,
  challengeLimits,
  defaultCertificateTimes,
  defaultCreationLimits,
  defaultPortLimits,
  defaultPresenceTimes,
  eventLimits,
  latenessLimits,
  passwordLimits,
  presenceLimits,
  type Rate,
  replicationLimits,
  requestLimits,
  spaceLimits,
  tryLimits,
} from '../../packages/tracker/src/limits.ts';

type Value = number | readonly number[] | Rate;
/** What a number bounds, and what happens beyond it. */
type Words<T> = { readonly [K in keyof T]: readonly [what: string, beyond: string] };

/** A section of the page: every number of a table, in the order of the words. */
function section<const T extends object>(title: string, source: string, table: T, words: Words<T>): string {
  const rows = Object.entries<readonly [string, string]>(words).map(
    ([key, [what, beyond]]) =>
      `| ${what} | ${shown(key, (table as Readonly<Record<string, Value>>)[key]!)} | ${beyond} |`,
  );
  return `## ${title}\n\n\`${source}\`\n\n| what | limit | beyond |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

/** A value in the unit that its key names. */
function shown(key: string, value: Value): string {
  if (typeof value === 'object' && 'atOnce' in value) {
    return `${count(value.atOnce)} at once, then one every ${time(value.everyMs)}`;
  }
  if (typeof value === 'object') return value.map((each) => shown(key, each)).join(', ');
  if (key.endsWith('Ms')) return time(value);
  if (key.endsWith('Bytes') || key.includes('BytesPer')) return size(value);
  if (key.endsWith('PerSecond')) return `${count(value)} a second`;
  return key.endsWith('Share') ? `${Math.round(value * 100)} %` : count(value);
}

const count = (value: number): string => value.toLocaleString('en-US');

function time(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const [unitMs, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1_000, 's'];
  return `${ms / unitMs} ${unit}`;
}

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && value % 1024 === 0) [value, unit] = [value / 1024, unit + 1];
  return `${count(value)} ${units[unit]}`;
}

const rates = (kind: keyof typeof defaultCreationLimits, what: string): [CreationRates, Words<CreationRates>] => [
  defaultCreationLimits[kind],
  {
    block: [`${what} made from one address or /64`, '`throttled`'],
    wideBlock: [`${what} made from one IPv6 /48`, '`throttled`'],
    inAll: [`${what} made at a tracker`, '`throttled`'],
  },
];

const domain = 'packages/tracker/src/domain/limits.ts';
const tracker = 'packages/tracker/src/limits.ts';
const net = 'packages/client/src/net/limits.ts';
const closed = 'the connection is closed';

const sections = [
  section('Users and groups', domain, defaultLimits, {
    openRequestsPerUser: ['open join requests of a user', '`limit`'],
    groupsPerUser: ['groups of a user', '`limit`'],
    devicesPerUser: ['devices of a user that are logged in', '`limit`'],
    pendingPerGroup: ['open join requests of a group', '`limit`'],
    entriesPerGroup: ['entries of a group', '`limit`'],
    blobBytesPerGroup: ['metainfo of a group', '`limit`'],
    applicationWaitMs: ['wait after the first, second and every later rejection or removal', '`throttled`'],
  }),
  section('Accounts made', tracker, ...rates('accounts', 'accounts')),
  section('Groups made', tracker, ...rates('groups', 'groups')),
  section('Join requests made', tracker, ...rates('joinRequests', 'join requests')),
  section('Wrong passwords', tracker, tryLimits, {
    account: ['of an account, from devices that it does not know', '`throttled`, and nothing is hashed'],
    knownDevice: ['of a device that the account knows, instead of all others', '`throttled`, and nothing is hashed'],
    block: ['from one address or /64', '`throttled`, and nothing is hashed'],
    wideBlock: ['from one IPv6 /48', '`throttled`, and nothing is hashed'],
  }),
  section('Password hashes', tracker, passwordLimits, {
    hashMemoryBytes: ['memory of one argon2id hash', ''],
    hashPasses: ['its passes', ''],
    hashesAtOnce: ['hashes at once', 'others wait, in turn by address, then by account'],
    hashesWaiting: ['who waits for one', '`throttled`, whoever has most waiting first'],
  }),
  section('Commands that come late', tracker, latenessLimits, {
    beatMs: ['between two beats of the main thread', '-'],
    stallMs: ['without a beat', 'what had arrived before is refused: `timeout`'],
    waitMs: ['from a request’s arrival to its command', '`timeout`'],
  }),
  section('Login challenges', tracker, challengeLimits, {
    lifeMs: ['a challenge is good for', '`bad_credentials`'],
    open: ['open challenges', 'the oldest is forgotten'],
  }),
  section("The tracker's port", tracker, defaultPortLimits, {
    perAddress: ['connections of one address or /64', closed],
    inAll: ['connections in all', closed],
    handshakeMs: ['for the first byte, and then for the TLS handshake', closed],
    headMs: ['for the head of a request', closed],
    requestMs: ['for a whole request', closed],
    idleMs: ['between two requests', closed],
  }),
  section('Requests', tracker, requestLimits, {
    headBytes: ['head', closed],
    bodyBytes: ['body', '`limit`'],
    heartbeatBytes: ['body of a heartbeat', '`limit`'],
  }),
  section('In one request', 'packages/contract/src/tracker-api/shapes.ts', callLimits, {
    nameCharacters: ['characters of a name, before it is looked at', '`protocol`'],
    passwordCharacters: ['characters of a password', '`protocol`'],
    labelCharacters: ["characters of a device's label", '`protocol`'],
    addresses: ['addresses of a device', '`protocol`'],
    shares: ['downloads, and shares held back, of a heartbeat', '`protocol`'],
    groups: ['groups that certificates are asked for', '`protocol`'],
    revocations: ['revocations handed up', '`protocol`'],
  }),
  section('Metainfo at a tracker', tracker, blobLimits, {
    unlistedMs: ['kept while nothing lists it', 'it is removed'],
    parsedAtOnceBytes: ['parsed at once', 'a thread of its own parses it, one at a time'],
    parseMs: ['time of that thread', '`limit`'],
    parseHeapBytes: ['memory of that thread', '`limit`'],
  }),
  section('Events', tracker, eventLimits, {
    kept: ['events kept for a stream that was cut', '`resync`'],
    waitingBytes: ['that a slow reader lets wait', 'the stream is closed'],
    closedStreamMs: ['a closed stream can go on for', '`resync`'],
    beatMs: ['between two beats of a stream', 'with more streams they come more seldom'],
    beatsInARound: ['streams that hear a beat in that time', 'with more, each hears every second one, and so on'],
    mostRounds: ['times more seldom at most', 'beats cost more'],
  }),
  section(
    'Who is online',
    tracker,
    { ...defaultPresenceTimes, ...presenceLimits },
    {
      ttlMs: ['without a heartbeat', 'the device is offline'],
      suspectMs: ['without the event stream that was open', 'the device is offline'],
      addresses: ['addresses of a device', '`protocol`'],
      lastSeen: ['users of whom it is known when they went offline', 'who went first is forgotten'],
      dialBackEveryMs: [
        'between two dial-backs to one address, and for one device',
        'the address is not told to anybody',
      ],
      dialBackMs: ['time of a dial-back', 'the address is not told to anybody'],
      dialBacksAtOnce: ['dial-backs at once', 'the address is not told to anybody'],
    },
  ),
  section(
    'Group certificates',
    tracker,
    { ...defaultCertificateTimes, ...certificateLimits },
    {
      lifeMs: ['valid for', 'every connection with it ends'],
      backMs: ['valid from before it is made', ''],
      slackMs: ['beyond the life of a certificate its issuer is trusted, and its revocation told', ''],
      issuerLeadMs: ['a new issuer is published before its first certificate', ''],
      issuerTermMs: ['an issuer makes certificates for', 'the next one does'],
    },
  ),
  section('Between trackers', tracker, replicationLimits, {
    questionBytes: ['question', 'refused'],
    answerBytes: ['answer', 'the connection ends'],
    carriedBytes: ['gathered for one answer', 'the rest comes with the next'],
    softStateBytes: ['presence and tries of passwords at once', 'refused'],
    aheadMs: ['a tracker may be ahead', 'what it stamped is not merged, and the operator is told'],
    settleMs: ['a create waits for the other trackers', '`settled: false`'],
    ops: ['ops kept for trackers that are behind', 'they take a snapshot'],
    collectAfterMs: ['revocations and commands are kept', ''],
  }),
  section("The tracker's data folder", tracker, spaceLimits, {
    blobShare: ['of the budget for metainfo', '`no_space`'],
    reserveBytes: ['kept for what takes rights away', '`no_space` for all that grows'],
    mostReservedShare: ['of a small budget at most', ''],
  }),
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
  section("A tracker's new key", 'packages/contract/src/certificates/key-hand-over.ts', handOverLimits, {
    countsMs: ['a hand-over counts for', '`tracker_key_changed`'],
    inCertificate: ['hand-overs that a certificate carries', 'the latest are'],
  }),
  section('Invitations', 'packages/contract/src/invitation.ts', invitationLimits, {
    characters: ['characters', '`limit` where one is made, `usage` where one is read'],
  }),
  section('Tracker files', 'packages/contract/src/tracker-list.ts', trackerListLimits, {
    fileCharacters: ['characters', '`usage`'],
    trackers: ['trackers', '`usage`'],
  }),
];

/** docs/reference/limits.md: every bound on what comes from outside. */
export const limitsPage = (): string => `# Limits

Written by \`npm run docs\` from the tables named below; a test holds the two equal. Codes: [errors.md](errors.md).

${sections.join('\n')}`;
