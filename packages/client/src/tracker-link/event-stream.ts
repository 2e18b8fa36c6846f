import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { TrackerEvent } from '@peerage/contract';
import { createParser } from 'eventsource-parser';

/** Until the tracker has said when its next beat comes: it beats every 5 s at the latest. */
const FIRST_SILENCE_MS = 7_000;
/** So much later than a beat was announced the stream is dead. */
const LATE_MS = 2_000;
const MOST_BEAT_MS = 60_000;

/** Reads one event stream to its end; `onSilence`: it ended since nothing came any more. Resolves to the last event id when the stream ends, for whatever reason; to undefined where what came is no event stream of ours. */
export function readEvents(
  incoming: IncomingMessage,
  lastId: string | undefined,
  onEvent: (event: TrackerEvent) => void,
  onSilence: () => void = () => undefined,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let id = lastId;
    let isOurs = true;
    const text = new StringDecoder('utf8');
    const isDead = () => {
      onSilence();
      incoming.destroy();
    };
    let silence = setTimeout(isDead, FIRST_SILENCE_MS);
    const giveUp = () => {
      isOurs = false;
      id = undefined;
      incoming.destroy();
    };
    const parser = createParser({
      maxBufferSize: 1024 * 1024,
      onEvent: (message) => {
        if (!isOurs) return;
        let data: unknown;
        try {
          data = JSON.parse(message.data);
        } catch {
          giveUp(); // not our protocol: the caller opens a new stream without an id and reads everything anew
          return;
        }
        if (message.id !== undefined) id = message.id;
        const event = TrackerEvent.safeParse(data);
        if (event.success) onEvent(event.data); // an event of a newer tracker that we don't know tells us nothing
      },
      onComment: (comment) => {
        const nextMs = Number(/^beat (\d{1,6})$/.exec(comment.trim())?.[1]);
        if (!(nextMs > 0)) return;
        clearTimeout(silence);
        silence = setTimeout(isDead, Math.min(MOST_BEAT_MS, nextMs) + LATE_MS);
      },
      // Fields that nobody knows are to be ignored (WHATWG HTML 9.2.6).
      onError: (error) => error.type === 'max-buffer-size-exceeded' && giveUp(),
    });
    incoming.on('data', (chunk: Buffer) => {
      silence.refresh();
      parser.feed(text.write(chunk));
    });
    incoming.on('error', () => incoming.destroy());
    incoming.on('close', () => {
      clearTimeout(silence);
      resolve(id);
    });
  });
}
