import { ControlEvent, PeerageError } from '@peerage/contract';
import { createParser } from 'eventsource-parser';

/** Of one event: more is none of a client's. */
const LONGEST_EVENT_CHARACTERS = 1024 * 1024;

export interface ControlEventListener {
  /** Where a later stream goes on. */
  onId(id: string): void;
  onEvent(event: ControlEvent): void;
  /** The stream tells from now on; what was before it, it does not. */
  onCursor(): void;
}

/** Reads the event stream of a client to its end. Events of newer kinds are passed over; throws `protocol` for what no client tells. */
export async function readControlEvents(
  body: AsyncIterable<Uint8Array>,
  { onId, onEvent, onCursor }: ControlEventListener,
): Promise<void> {
  const parser = createParser({
    onEvent({ id, event, data }) {
      if (id !== undefined) onId(id);
      if (event === 'cursor') onCursor();
      if (event !== undefined) return;
      const parsed = ControlEvent.safeParse(jsonOf(data));
      if (parsed.success) onEvent(parsed.data);
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded')
        throw new PeerageError('protocol', 'an event of the client is too large');
    },
    maxBufferSize: LONGEST_EVENT_CHARACTERS,
  });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // the parser takes it off
  for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new PeerageError('protocol', 'the client tells an event that is no JSON');
  }
}
