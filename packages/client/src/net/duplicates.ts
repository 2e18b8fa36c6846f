/** A connection as this question sees it. */
interface Dialed {
  /** By us; else by the other side. */
  readonly dialed: boolean;
  /** When it ends by itself; Infinity: never. */
  readonly endsAtMs: number;
}

type Verdict<Connection> =
  | { readonly refuse: true }
  | { readonly refuse: false; readonly close: readonly Connection[] };

/**
 * Two devices that dial each other at once end with two connections for one share. Both sides must keep the same one, without talking about it:
 * the one that the smaller device id dialed. Where the same side dialed twice (two addresses, or the first one is dead and only one side knows),
 * that side alone decides, and keeps its first, unless the second lasts longer: then both live until it closes the first. The other side lets
 * up to two live.
 */
export function settleDuplicate<Connection extends Dialed>(
  devices: { readonly own: string; readonly other: string },
  existing: readonly Connection[],
  added: Connection,
): Verdict<Connection> {
  const addedWins = added.dialed === devices.own < devices.other;
  const opposite = existing.filter((connection) => connection.dialed !== added.dialed);
  if (opposite.length > 0) return addedWins ? { refuse: false, close: opposite } : { refuse: true };
  if (existing.length === 0) return { refuse: false, close: [] };
  if (added.dialed && existing.some(({ endsAtMs }) => endsAtMs >= added.endsAtMs)) return { refuse: true };
  return { refuse: false, close: existing.slice(1) };
}
