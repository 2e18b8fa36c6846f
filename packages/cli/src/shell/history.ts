import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from '../commands/command.ts';
import { findCommand, nearestCommand } from '../commands/table.ts';
import { quote } from '../words/quote.ts';
import { scan } from '../words/tokenise.ts';

const KEPT_LINES = 1000;

const takesPassword = (command: Command | undefined): command is Command =>
  command?.arguments.some(({ kind }) => kind === 'password') === true;

/** The command that a first word is, or was probably meant to be: `lgoin alice secret` has a password in it too. */
function commandMeant(word: string): Command | undefined {
  try {
    return findCommand(word);
  } catch {
    return nearestCommand(word);
  }
}

/**
 * What may be remembered of a line: of a command that takes a password only the words before it. Where it can't be told which words
 * those are, only the first one; that is also all that is kept of a line that is no command and resembles none.
 */
export function withoutPasswords(line: string): string {
  const words = scan(line).words.map(({ text }) => text);
  const [first, ...rest] = words;
  if (first === undefined) return '';
  const command = commandMeant(first);
  if (command === undefined) return quote(first);
  if (!takesPassword(command)) return line;
  const open = command.arguments.filter(({ kind }) => kind !== 'password').length;
  const kept = rest.filter((word) => word !== '--').slice(0, open);
  return [first, ...kept].map((word) => quote(word)).join(' ');
}

/** Lines typed before, the latest first, in a file (0600) that never holds a password. */
export class History {
  readonly #path: string;
  readonly #lines: string[];
  #broken = false;

  /** A missing file is an empty history. */
  constructor(path: string) {
    this.#path = path;
    const text = readIfThere(path);
    const lines = text.split('\n').filter((line) => line !== '');
    if (text !== '') chmodSync(path, 0o600);
    if (lines.length > 2 * KEPT_LINES) {
      writeFileSync(path, `${lines.slice(-KEPT_LINES).join('\n')}\n`, { mode: 0o600 });
    }
    this.#lines = lines.slice(-KEPT_LINES).reverse();
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Remembers a line; the reason, once, where it can't be kept in the file. */
  add(line: string): string | null {
    const kept = withoutPasswords(line).trim();
    if (kept === '' || kept === this.#lines[0]) return null;
    this.#lines.unshift(kept);
    if (this.#lines.length > KEPT_LINES) this.#lines.pop();
    if (this.#broken) return null;
    try {
      appendFileSync(this.#path, `${kept}\n`, { mode: 0o600 });
      return null;
    } catch (error) {
      this.#broken = true;
      return `the history is not kept on disk: ${(error as Error).message}`;
    }
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
