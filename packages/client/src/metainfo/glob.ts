/**
 * Globs over paths with slashes: `*` and `?` inside a name, `[a-z]` and `[!a-z]`, `{a,b}`, `**` for any folders. Own code because the
 * platform's matcher makes a regular expression of them, which a pattern of a dozen stars keeps busy for minutes (tried): names come from
 * others. Here a name costs at most its length times the pattern's.
 */
const MOST_ALTERNATIVES = 256;

type Token = { readonly any: true } | { readonly test: (character: string) => boolean };

/** Undefined where the pattern is none: a brace with too many alternatives. */
export function globMatcher(pattern: string): ((path: string) => boolean) | undefined {
  const alternatives = expandBraces(pattern);
  if (alternatives === undefined) return undefined;
  const compiled = alternatives.map((alternative) =>
    alternative.split('/').map((name) => (name === '**' ? undefined : tokensOf(name))),
  );
  return (path) => {
    const names = path.split('/').map((name) => [...name]);
    return compiled.some((steps) =>
      matchRun(
        steps.length,
        names.length,
        (step) => steps[step] === undefined,
        (step, at) => matchesName(steps[step]!, names[at]!),
      ),
    );
  };
}

function matchesName(tokens: readonly Token[], name: readonly string[]): boolean {
  const fits = (token: number, at: number) => {
    const wanted = tokens[token]!;
    return 'test' in wanted && wanted.test(name[at]!);
  };
  return matchRun(tokens.length, name.length, (token) => 'any' in tokens[token]!, fits);
}

/** Whether steps fit items one to one, where a step that `isAny` stands for any number of items: the last such step takes one more at each miss. */
function matchRun(
  steps: number,
  items: number,
  isAny: (step: number) => boolean,
  fits: (step: number, item: number) => boolean,
): boolean {
  let step = 0;
  let any = -1;
  let takenUntil = 0;
  for (let item = 0; item < items; ) {
    if (step < steps && isAny(step)) {
      any = step++;
      takenUntil = item;
    } else if (step < steps && fits(step, item)) {
      step++;
      item++;
    } else if (any >= 0) {
      step = any + 1;
      item = ++takenUntil;
    } else return false;
  }
  while (step < steps && isAny(step)) step++;
  return step === steps;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    const end = character === '[' ? characters.indexOf(']', at + 2) : -1;
    if (character === '*') tokens.push({ any: true });
    else if (character === '?') tokens.push({ test: () => true });
    else if (end !== -1) {
      tokens.push({ test: classTest(characters.slice(at + 1, end)) });
      at = end;
    } else tokens.push({ test: (other) => other === character });
  }
  return tokens;
}

function classTest(inside: readonly string[]): (character: string) => boolean {
  const isNegated = inside[0] === '!' || inside[0] === '^';
  const ranges: (readonly [string, string])[] = [];
  for (let at = isNegated ? 1 : 0; at < inside.length; at++) {
    const isRange = inside[at + 1] === '-' && at + 2 < inside.length;
    ranges.push([inside[at]!, isRange ? inside[at + 2]! : inside[at]!]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== isNegated;
}

function expandBraces(pattern: string): string[] | undefined {
  const done: string[] = [];
  const waiting = [pattern];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const brace = innermostBrace(next);
    if (brace === undefined) done.push(next);
    else for (const choice of brace.inside.split(',')) waiting.push(brace.before + choice + brace.behind);
    if (done.length + waiting.length > MOST_ALTERNATIVES) return undefined;
  }
  return done;
}

/** A brace without another inside; one without a comma is no brace. */
function innermostBrace(pattern: string): { before: string; inside: string; behind: string } | undefined {
  const [, before, inside, behind] = /^(.*)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern) ?? [];
  return inside === undefined ? undefined : { before: before!, inside, behind: behind! };
}
