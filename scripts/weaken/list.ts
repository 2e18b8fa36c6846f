/** One promise taken back by one line, and the tests that have to notice. */
export interface Weakening {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly line: string;
  readonly instead: string;
  readonly tests: readonly string[];
  /** Only tests with this in their names. */
  readonly named?: string;
}

const engine = 'packages/client/src/engine';
const net = 'packages/client/src/net';
const tracker = 'packages/tracker/src';

export const weakenings: readonly Weakening[] = [
  {
    name: "the certificate's group is not compared",
    file: `${net}/memberships.ts`,
    line: 'if (certificate.group !== group) throw',
    instead: 'if (certificate.group === group && false) throw',
    tests: [`${engine}/strangers.test.ts`],
  },
  {
    name: 'resumed sessions are allowed',
    file: `${net}/mutual-tls.ts`,
    line: 'if (socket.isSessionReused()) throw',
    instead: 'if (socket.isSessionReused() && false) throw',
    tests: [`${net}/mutual-tls.test.ts`],
  },
  {
    name: 'revocations are ignored',
    file: `${net}/memberships.ts`,
    line: 'if (kind) throw new Refusal(revokedCodes',
    instead: 'if (kind && nowMs < 0) throw new Refusal(revokedCodes',
    tests: [`${engine}/strangers.test.ts`],
  },
  {
    name: 'expiry is checked at the handshake only',
    file: `${net}/tls-connection.ts`,
    line: 'Math.min(LONGEST_TIMER_MS, leftMs));',
    instead: 'leftMs * 0 + LONGEST_TIMER_MS);',
    tests: [`${net}/mutual-tls.test.ts`],
  },
  {
    name: 'retired issuers are trusted',
    file: `${net}/memberships.ts`,
    line: "if (signed(issuer)) throw new Refusal('retired_issuer'",
    instead: "if (signed(issuer) && false) throw new Refusal('retired_issuer'",
    tests: [`${engine}/strangers.test.ts`],
  },
  {
    name: 'a tracker goes on with a retired issuer',
    file: `${tracker}/certificates/issuer.ts`,
    line: 'if (!this.#retired) return;\n    throw',
    instead: 'if (!this.#retired || true) return;\n    throw',
    tests: [`${tracker}/certificates/rotation.test.ts`],
  },
  {
    name: "the tracker's pin is not checked",
    file: 'packages/client/src/tracker-link/pinned-tls.ts',
    line: 'if (shown === expected) return opened;',
    instead: 'if (shown !== "") return opened;',
    tests: ['packages/client/src/tracker-link/pinned-tls.test.ts'],
  },
  {
    name: 'a new key needs no signature of the old one',
    file: 'packages/client/src/tracker-link/hand-overs.ts',
    line: 'return verify(null, handOverStatement(handOver), keyOf(from), ',
    instead: 'return true || verify(null, handOverStatement(handOver), keyOf(from), ',
    tests: ['packages/client/src/tracker-link/hand-overs.test.ts'],
  },
  {
    name: 'a tracker vouches for who shows a key without the secret',
    file: `${tracker}/replication/link.ts`,
    line: 'if (sender !== this.#to)\n          return fail',
    instead:
      'this.#pin = this.#shown.get(answer.socket as TLSSocket);\n        if (sender !== this.#to)\n          return fail',
    tests: [`${tracker}/certificates/other-trackers.test.ts`],
    named: 'vouch',
  },
  {
    name: 'what another tracker vouches for is not heeded',
    file: 'packages/client/src/tracker-link/pinned-tls.ts',
    line: 'if (vouched !== undefined) {',
    instead: 'if (vouched === "") {',
    tests: ['packages/client/src/tracker-link/pinned-tls.test.ts'],
  },
  {
    name: 'passwords are hashed before they are throttled',
    file: `${tracker}/http/account-handlers.ts`,
    line: 'const wasRight = throttle.begin(from);',
    instead: 'await passwords.verify(password, stored, laneOf(from)); const wasRight = throttle.begin(from);',
    tests: [`${tracker}/accounts/guessing.test.ts`],
  },
  {
    name: 'logins are not bound to their connection',
    file: 'packages/contract/src/ids.ts',
    line: "concat(['peerage-login-v1\\0', challenge, channel.exported, channel.trackerPin, uid, devicePublicKey])",
    instead: "concat(['peerage-login-v1\\0', challenge, uid, devicePublicKey])",
    tests: [`${tracker}/accounts/relayed-login.test.ts`],
  },
  {
    name: 'a foreign id in a create is accepted',
    file: `${tracker}/accounts/device-keys.ts`,
    line: 'return made === id && isSignedBy(',
    instead: 'return made !== "" && isSignedBy(',
    tests: [`${tracker}/http/server.test.ts`],
    named: 'creations',
  },
  {
    name: 'who is no member is served',
    file: `${tracker}/domain/standing.ts`,
    line: "if (membership?.state === 'member') return group;",
    instead: 'if (membership !== null) return group;',
    tests: [`${tracker}/domain/groups.test.ts`, `${tracker}/domain/files.test.ts`],
  },
  {
    name: 'tokens are stored plain',
    file: `${tracker}/accounts/sessions.ts`,
    line: "hash('sha256', token);",
    instead: "hash('sha256', token) && token;",
    tests: [`${tracker}/run-tracker.test.ts`],
    named: 'keeps everything to its user',
  },
  {
    name: 'addresses of heartbeats are believed',
    file: `${tracker}/presence/addresses.ts`,
    line: "return scope === 'private' || host === source ||",
    instead: "return scope !== 'none' || host === source ||",
    tests: [`${tracker}/presence/addresses.test.ts`],
  },
  {
    name: 'whoever answers a dial-back is believed',
    file: `${tracker}/presence/dial-back.ts`,
    line: '=== publicKey;',
    instead: '!== (publicKey && undefined);',
    tests: [`${tracker}/presence/dial-back.test.ts`],
  },
  {
    name: 'strangers are dialed again and again',
    file: `${net}/limits.ts`,
    line: 'strangerTries: 3,',
    instead: 'strangerTries: 3_000,',
    tests: [`${net}/dialer.test.ts`],
  },
  {
    name: 'as many accounts are made as somebody likes',
    file: `${tracker}/throttle/creations.ts`,
    line: 'if (waitMs === 0) return;',
    instead: 'if (waitMs >= 0) return;',
    tests: [`${tracker}/http/creation-limits.test.ts`],
  },
  {
    name: 'blame is dropped',
    file: 'packages/swarm/src/suspicion.ts',
    line: 'if (senders.size === 1) {\n      const [liar]',
    instead: 'if (senders.size === 0) {\n      const [liar]',
    tests: ['packages/swarm/src/suspicion.test.ts', 'packages/swarm/src/blame.test.ts'],
  },
  {
    name: 'names may lead out of the folder',
    file: 'packages/bittorrent/src/names/portable-name.ts',
    line: "if (/[/\\\\]/.test(name)) return 'contains a slash or backslash';",
    instead: '',
    tests: ['packages/bittorrent/src/names/portable-name.test.ts'],
  },
  {
    name: 'a block may be as long as its sender likes',
    file: 'packages/bittorrent/src/wire/wire-decoder.ts',
    line: 'if (length > 9 + this.#mostBlockBytes)',
    instead: 'if (length > 9_000_000 + this.#mostBlockBytes)',
    tests: ['packages/bittorrent/src/wire/wire-decoder.test.ts'],
  },
  {
    name: 'over-long frames are buffered',
    file: 'packages/bittorrent/src/wire/wire-decoder.ts',
    line: 'if (length > 1 + MAX_EXTENDED_BYTES)',
    instead: 'if (length > 1_000_000 + MAX_EXTENDED_BYTES)',
    tests: ['packages/bittorrent/src/wire/wire-decoder.test.ts'],
  },
  {
    name: 'the SHA-1 of the whole file is not compared',
    file: `${engine}/share-ports.ts`,
    line: 'if (Buffer.compare(await wholeFile.digest(), info.sha1) !== 0) throw',
    instead: 'if (Buffer.compare(await wholeFile.digest(), info.sha1) > 1) throw',
    tests: [`${engine}/full-disk.test.ts`],
  },
  {
    name: 'a wrong piece goes into the hash of the whole file',
    file: 'packages/storage/src/hashing/folded-hash.ts',
    line: 'const goneOn = this.#whole.copy();',
    instead: 'const goneOn = this.#whole;',
    tests: ['packages/storage/src/hashing/running-hash.test.ts'],
  },
  {
    name: 'a piece is announced before it is stored',
    file: 'packages/client/src/runtime/piece-intake.ts',
    line: 'await store.writePiece(piece, this.#bytes(piece));',
    instead: 'this.#options.onStored(piece), await store.writePiece(piece, this.#bytes(piece));',
    tests: ['packages/client/src/runtime/piece-intake.test.ts'],
  },
  {
    name: 'a piece is announced before it is verified, since it is written already',
    file: 'packages/client/src/runtime/piece-intake.ts',
    line: 'const judging = isRight.then((right) => {',
    instead: 'this.#options.onStored(piece); const judging = isRight.then((right) => {',
    tests: ['packages/client/src/runtime/piece-intake.test.ts'],
  },
  {
    name: 'a piece that was written unverified counts as stored',
    file: 'packages/storage/src/piece-writes.ts',
    line: 'return this.#write(piece, bytes, () => this.#unverified.add(piece));',
    instead: 'return this.#write(piece, bytes, () => this.#keep(piece));',
    tests: ['packages/storage/src/download/download-store.test.ts', 'packages/storage/src/download/crash.test.ts'],
  },
  {
    name: 'a checkpoint says `stored` of a piece that was lost meanwhile',
    file: 'packages/storage/src/folder/folder-download.ts',
    line: 'await this.#checkpoints.between(() => this.#noteLost(piece, segments));',
    instead: 'await this.#noteLost(piece, segments);',
    tests: ['packages/storage/src/folder/folder-download.test.ts'],
    named: 'lost while a checkpoint runs',
  },
  {
    name: 'what a tracker wrote is told before its disk has it',
    file: `${tracker}/store/writer-thread.ts`,
    line: 'log.whenOnDisk(then);',
    instead: 'then();',
    tests: ['test/replication/slow-sync.test.ts'],
  },
  {
    name: 'the proof of another tracker is not compared',
    file: `${tracker}/replication/link-proof.ts`,
    line: "return timingSafeEqual(right, Buffer.from(mac, 'hex')) ? from : undefined;",
    instead: "return timingSafeEqual(right, Buffer.from(mac, 'hex')) || true ? from : undefined;",
    tests: [`${tracker}/replication/link-proof.test.ts`],
  },
];
