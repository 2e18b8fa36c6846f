const encoder = new TextEncoder();

/** A `.torrent` file (BEP 3) around the bytes of an info dictionary, which stay as they are, and so does the info-hash. */
export function encodeTorrent(infoBytes: Uint8Array, options: { readonly announce?: string } = {}): Uint8Array {
  const announce = options.announce === undefined ? undefined : encoder.encode(options.announce);
  const head = encoder.encode(
    announce === undefined ? 'd4:info' : `d8:announce${announce.length}:${options.announce}4:info`,
  );
  const torrent = new Uint8Array(head.length + infoBytes.length + 1);
  torrent.set(head);
  torrent.set(infoBytes, head.length);
  torrent[torrent.length - 1] = 0x65;
  return torrent;
}
