import type { OpenedDecoder } from '../decoder.ts';
import { trackerAnswers } from './answers.ts';
import { bencode } from './bencode.ts';
import { trackerEvents } from './events.ts';
import { extensionHandshake } from './extension-handshake.ts';
import { handshake } from './handshake.ts';
import { openJournal } from './journal.ts';
import { linkAnswer, linkPull, linkRows } from './link-bodies.ts';
import { metainfo, torrent } from './metainfo.ts';
import { portableName } from './portable-name.ts';
import { handOvers, revocations } from './signed-rows.ts';
import { tokeniser } from './tokenise.ts';
import { trackerList } from './tracker-list.ts';
import { openTrackerRequests } from './tracker-requests.ts';
import { wire } from './wire.ts';

/** Every decoder of the product. A new one is a new line here. */
export const openDecoders = (): OpenedDecoder[] => [
  bencode,
  metainfo,
  torrent,
  handshake,
  wire,
  extensionHandshake,
  portableName,
  revocations,
  handOvers,
  linkPull,
  linkAnswer,
  linkRows,
  trackerList,
  tokeniser,
  openJournal(),
  trackerEvents,
  trackerAnswers,
  openTrackerRequests(),
];
