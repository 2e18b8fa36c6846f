import pico from 'picocolors';

/** What the place that text goes to can show. */
export interface Look {
  readonly colours: ReturnType<typeof pico.createColors>;
}

/** Colour only on a terminal, and not where NO_COLOR is set (https://no-color.org: any value but the empty one). */
export function lookOf(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Look {
  const wanted = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return { colours: pico.createColors(wanted) };
}

export const plainLook: Look = { colours: pico.createColors(false) };
