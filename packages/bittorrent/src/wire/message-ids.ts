/** The id byte of each peer message: BEP 3 (0-8), BEP 6 (13-17), BEP 10 (20). */
export const MESSAGE_ID = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  not_interested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  suggest_piece: 13,
  have_all: 14,
  have_none: 15,
  reject_request: 16,
  allowed_fast: 17,
  extended: 20,
} as const;

/** Longest payload of an extended message, its extended id included, and of a message that we don't know. */
export const MAX_EXTENDED_BYTES = 64 * 1024;
