interface ReferenceEvent {
  readonly id: string | undefined;
  /** Undefined where it has no name, or an empty one. */
  readonly event: string | undefined;
  readonly data: string;
}

/** Server-sent events (WHATWG HTML, 9.2.6) of a whole stream: what is dispatched, with the id and the name that stand in it. */
export function referenceEvents(bytes: Uint8Array): ReferenceEvent[] {
  const text = Buffer.from(bytes).toString('utf8');
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const lines = body.split(/\r\n|\n|\r/).slice(0, -1); // the last one has no end
  const events: ReferenceEvent[] = [];
  let id: string | undefined;
  let event: string | undefined;
  let data: string[] = [];
  for (const line of lines) {
    if (line === '') {
      if (data.length > 0) events.push({ id, event, data: data.join('\n') });
      [data, id, event] = [[], undefined, undefined];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    if (field === 'event') event = value || undefined;
    if (field === 'id' && !value.includes('\0')) id = value;
  }
  return events;
}
