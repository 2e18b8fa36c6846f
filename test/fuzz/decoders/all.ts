import type { OpenedDecoder } from '../decoder.ts';
import { answerLines } from './answer-lines.ts';
import { trackerAnswers } from './answers.ts';
import { bencode } from './bencode.ts';
import { certificates } from './certificates.ts';
import { controlEvents } from './control-events.ts';
import { openControlRequests } from './control-requests.ts';
import { trackerEvents } from './events.ts';
import { extensionHandshake } from './extension-handshake.ts';
import { handshake } from './handshake.ts';
import { invitation } from './invitation.ts';
import { openJournal } from './journal.ts';
import { linkAnswer, linkPull, linkQuestions, linkRows, linkSoft } from './link-bodies.ts';
import { metainfo, torrent } from './metainfo.ts';
import { openPageRequests } from './page-requests.ts';
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
  certificates,
  handOvers,
  linkPull,
  linkAnswer,
  linkRows,
  linkSoft,
  linkQuestions,
  trackerList,
  invitation,
  tokeniser,
  openJournal(),
  trackerEvents,
  trackerAnswers,
  answerLines,
  controlEvents,
  openTrackerRequests(),
  openControlRequests(),
  openPageRequests(),
];
