/** A one-line bug for a copy of the sources: `good` stands once in `file` and becomes `bad`. */
export interface PlantedBug {
  readonly what: string;
  readonly file: string;
  readonly good: string;
  readonly bad: string;
}

const bittorrent = 'packages/bittorrent/src';

export const plantedBugs: readonly PlantedBug[] = [
  {
    what: 'keys may come in any order',
    file: `${bittorrent}/bencode/bencode-reader.ts`,
    good: "typeof last === 'string' && key <= last",
    bad: "typeof last === 'string' && key === last",
  },
  {
    what: 'a number may begin with zeros',
    file: `${bittorrent}/bencode/bencode-reader.ts`,
    good: 'this.#bytes[start] === DIGIT_0 && this.#at > start + 1',
    bad: 'this.#bytes[start] === DIGIT_0 && this.#at > start + 2',
  },
  {
    what: 'bytes may follow the value',
    file: `${bittorrent}/bencode/bencode-reader.ts`,
    good: 'if (this.#at < this.#bytes.length) throw',
    bad: 'if (this.#at > this.#bytes.length) throw',
  },
  {
    what: 'one token more than allowed',
    file: `${bittorrent}/bencode/bencode-reader.ts`,
    good: '++this.#tokens > this.#limits.maxTokens',
    bad: 'this.#tokens++ > this.#limits.maxTokens',
  },
  {
    what: 'a byte string may run one byte past the end',
    file: `${bittorrent}/bencode/bencode-reader.ts`,
    good: 'length > this.#bytes.length - this.#at)',
    bad: 'length > this.#bytes.length - this.#at + 1)',
  },
  {
    what: 'a file may have a length below zero',
    file: `${bittorrent}/metainfo/parse-info.ts`,
    good: 'if (bytes < 0) throw',
    bad: 'if (bytes < -1) throw',
  },
  {
    what: 'names may be bad UTF-8',
    file: `${bittorrent}/metainfo/parse-info.ts`,
    good: "new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })",
    bad: "new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })",
  },
  {
    what: 'a share may have other hashes than pieces',
    file: `${bittorrent}/metainfo/parse-info.ts`,
    good: 'pieceHashes.length !== geometry.pieceCount * SHA1_BYTES',
    bad: 'pieceHashes.length < geometry.pieceCount * SHA1_BYTES',
  },
  {
    what: 'a file may lie below a file',
    file: `${bittorrent}/metainfo/share-paths.ts`,
    good: 'if (shared === this.#last.length && shared > 0) {',
    bad: 'if (shared === this.#last.length && shared > 1) {',
  },
  {
    what: 'Windows devices with an extension are names',
    file: `${bittorrent}/names/portable-name.ts`,
    good: ' *(?:\\.|$)/i',
    bad: ' *$/i',
  },
  {
    what: 'the last byte of the protocol name is not looked at',
    file: `${bittorrent}/wire/handshake.ts`,
    good: 'if (this.#filled < PROTOCOL.length && byte',
    bad: 'if (this.#filled < PROTOCOL.length - 1 && byte',
  },
  {
    what: 'spare bits of a bitfield may be set',
    file: `${bittorrent}/wire/wire-decoder.ts`,
    good: '((1 << spareBits) - 1)) !== 0',
    bad: '((1 << spareBits) - 2)) !== 0',
  },
  {
    what: 'a piece behind the last one',
    file: `${bittorrent}/geometry.ts`,
    good: 'index >= 0 && index < this.pieceCount',
    bad: 'index >= 0 && index <= this.pieceCount',
  },
  {
    what: 'a block may end one byte behind its piece',
    file: `${bittorrent}/geometry.ts`,
    good: 'offsetBytes + lengthBytes > this.pieceLengthBytes(piece)',
    bad: 'offsetBytes + lengthBytes > this.pieceLengthBytes(piece) + 1',
  },
  {
    what: 'messages that are not known have no cap',
    file: `${bittorrent}/wire/wire-decoder.ts`,
    good: 'if (length > 1 + MAX_EXTENDED_BYTES)',
    bad: 'if (length > 1 + 2 * MAX_EXTENDED_BYTES)',
  },
  {
    what: 'a message split at its fourth byte loses a byte',
    file: `${bittorrent}/wire/wire-decoder.ts`,
    good: 'if (this.#left > 0 || this.#filled === 0) return at;',
    bad: 'if (this.#left > 0 || this.#filled === 0) return Math.max(at, 2);',
  },
  {
    what: 'the extension handshake takes port 65536',
    file: `${bittorrent}/extended/extension-handshake.ts`,
    good: 'integer(value, 0, 65_535)',
    bad: 'integer(value, 0, 65_536)',
  },
  {
    what: 'a tracker list takes port 0',
    file: 'packages/contract/src/tracker-list.ts',
    good: 'if (port < 1 || port > 65535)',
    bad: 'if (port < 0 || port > 65535)',
  },
  {
    what: 'a comment begins inside a word',
    file: 'packages/cli/src/words/tokenise.ts',
    good: "} else if (char === '#' && start < 0) {",
    bad: "} else if (char === '#') {",
  },
  {
    what: 'journal lines with a wrong checksum count',
    file: 'packages/storage/src/download/journal-lines.ts',
    good: 'if (text !== line(rest).slice(0, -1)) return;',
    bad: 'if (text.length !== line(rest).length - 1) return;',
  },
  {
    what: 'a character cut between two chunks is lost',
    file: 'packages/client/src/tracker-link/event-stream.ts',
    good: 'parser.feed(text.write(chunk))',
    bad: 'parser.feed(text.end(chunk))',
  },
  {
    what: 'answers may name ports below 1024',
    file: 'packages/contract/src/tracker-api/shapes.ts',
    good: 'port: z.number().int().min(1024)',
    bad: 'port: z.number().int().min(1)',
  },
  {
    what: 'commands may have unknown keys',
    file: 'packages/contract/src/tracker-api/shapes.ts',
    good: 'const Command = z.strictObject(',
    bad: 'const Command = z.object(',
  },
  {
    what: 'a refusal of HTTP itself is a defect',
    file: 'packages/tracker/src/http/refusals.ts',
    good: 'if (statusCode >= 400 && statusCode < 500)',
    bad: 'if (statusCode > 400 && statusCode < 500)',
  },
  {
    what: 'a revocation may come from any year',
    file: 'packages/contract/src/certificates/revocation.ts',
    good: 'if (kind === undefined || atMs >= MOST_MS)',
    bad: 'if (kind === undefined || atMs > MOST_MS * 2 ** 20)',
  },
  {
    what: 'hand-overs in another form than DER',
    file: 'packages/contract/src/certificates/key-hand-over.ts',
    good: 'if (canonical.some((byte, at) => byte !== value[at])) throw malformed();',
    bad: 'if (canonical.length !== value.length) throw malformed();',
  },
  {
    what: 'a snapshot may stand still',
    file: 'packages/tracker/src/replication/wire.ts',
    good: 'if (more && held.length === 0) throw',
    bad: 'if (more && held.length > 0) throw',
  },
  {
    what: 'a part of the checksum of an invitation is not looked at',
    file: 'packages/contract/src/invitation.ts',
    good: 'every((byte, at) => byte === sum[at])',
    bad: 'every((byte, at) => at === 3 || byte === sum[at])',
  },
  {
    what: 'anything may follow the group in an invitation',
    file: 'packages/contract/src/invitation.ts',
    good: '(~[0-9a-f]{4})?$/',
    bad: '(~[0-9a-f]{4})?/',
  },
  {
    what: 'a line of an answer loses what came before in another chunk',
    file: 'packages/contract/src/control-api/answer-lines.ts',
    good: 'yield joined([...held, rest.subarray(0, end)]);',
    bad: 'yield rest.subarray(0, end);',
  },
  {
    what: 'the control API answers under any name',
    file: 'packages/client/src/control/http/callers.ts',
    good: "if (!hosts.includes(headers.host ?? ''))",
    bad: 'if (headers.host === undefined)',
  },
  {
    what: 'the page reaches what a link leads to, wherever that is',
    file: 'packages/client/src/control/page/allowed-folders.ts',
    good: 'roots.some((root) => below(real, root))',
    bad: 'roots.some((root) => below(path, root))',
  },
  {
    what: 'an event of a client without an id ends where none did',
    file: 'packages/cli/src/running/control-events.ts',
    good: 'if (id !== undefined) onId(id);',
    bad: "onId(id ?? '');",
  },
  {
    what: "a member's certificate may say that its ids are longer",
    file: 'packages/contract/src/certificates/membership.ts',
    good: ' || value[1] !== CONTENT_BYTES)',
    bad: ')',
  },
  {
    what: 'a forwarded device may listen at port 0',
    file: 'packages/tracker/src/replication/soft-state.ts',
    good: 'port: z.int().min(1)',
    bad: 'port: z.int().min(0)',
  },
];
