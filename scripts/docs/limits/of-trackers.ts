import { callLimits } from '../../../packages/contract/src/tracker-api/shapes.ts';
import { defaultLimits } from '../../../packages/tracker/src/domain/limits.ts';
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
  replicationLimits,
  requestLimits,
  spaceLimits,
  tryLimits,
} from '../../../packages/tracker/src/limits.ts';
import { closed, section, type Words } from './section.ts';

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

/** Sections of what a tracker bounds. */
export const limitsOfTrackers = (): string[] => [
  section('Users and groups', domain, defaultLimits, {
    openRequestsPerUser: ['open join requests of a user', '`limit`'],
    groupsPerUser: ['groups of a user', '`limit`'],
    devicesPerUser: ['devices of a user that are logged in', '`limit`'],
    promptApplications: ['applications of a user to one group before each waits 7 d', '`throttled`'],
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
];
