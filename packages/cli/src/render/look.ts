import pico from 'picocolors';

/** What the place that text goes to can show. */
export interface Look {
  readonly colours: ReturnType<typeof pico.createColors>;
  /** How many characters stand on a row; null where nothing says so (a file, a pipe): then no line is too long. */
  readonly columns: number | null;
  /** Whether characters beyond ASCII are drawn as they are. */
  readonly unicode: boolean;
}

/** Colour only on a terminal, and not where NO_COLOR is set (https://no-color.org: any value but the empty one). */
export function lookOf(stream: { readonly isTTY?: boolean; readonly columns?: number }, env: NodeJS.ProcessEnv): Look {
  const isTerminal = stream.isTTY === true;
  const wanted = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const charset = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    colours: pico.createColors(wanted),
    columns: isTerminal ? (stream.columns ?? 80) : null,
    unicode: /utf-?8/i.test(charset) && env['TERM'] !== 'dumb',
  };
}

export const plainLook: Look = { colours: pico.createColors(false), columns: null, unicode: true };
