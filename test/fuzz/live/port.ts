import type { Decoder, Outcome } from '../decoder.ts';

/** A port of a real process: inputs are bytes on the wire, and what must hold is that the process goes on as before. */
export interface LivePort extends Pick<Decoder, 'name' | 'words' | 'mutate' | 'maxBytes' | 'seeds'> {
  /** Throws where the process did anything but answer or refuse. */
  readonly send: (input: Uint8Array) => Promise<Outcome>;
  /** An honest user of the port gets what he asks for; throws where he does not. */
  readonly serves: () => Promise<void>;
  readonly pid: number;
  /** Inputs a second that it is tried with; left out: as many as the ports are at most. */
  readonly mostASecond?: number;
}
