import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { TrackerEvent } from '@peerage/contract';
import { createParser } from 'eventsource-parser';

/** The tracker writes a comment line every 5 s: after this long without a byte the stream is dead. */
const SILENCE_MS = 7_000;

/** Reads one event stream to its end. Resolves to the last event id when the stream ends, for whatever reason; to undefined where what came is no event stream of ours. */
export function readEvents(
  incoming: IncomingMessage,
  lastId: string | undefined,
  onEvent: (event: TrackerEvent) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let id = lastId;
    let isOurs = true;
    const text = new StringDecoder('utf8');
    const silence = setTimeout(() => incoming.destroy(), SILENCE_MS);
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
