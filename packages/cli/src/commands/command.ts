import {
  type AbortSignalLike,
  type CallOptions,
  type ControlApi,
  type ControlName,
  type ControlParams,
  type ControlResult,
  controlCommands,
} from '@peerage/contract';
import { cleanAll } from '../render/clean.ts';
import type { Look } from '../render/look.ts';

/** What a word stands for: decides its limits and what tab completes it to. */
export type WordKind =
  | 'group'
  | 'user'
  | 'requester'
  | 'member'
  | 'file'
  | 'download'
  | 'share'
  | 'path'
  | 'path_or_group'
  | 'password'
  | 'device'
  | 'command'
  | 'name'
  | 'seconds'
  | 'invitation'
  | 'invitation';

export interface Argument {
  /** Its key among the words that `params` gets. */
  readonly key: string;
  /** As help shows it, without brackets. */
  readonly shown: string;
  readonly kind: WordKind;
  readonly optional?: true;
  /** A password that is left out is asked for with these words (and a second time, where a slip would lock somebody out). */
  readonly asked?: { readonly prompt: string; readonly twice: boolean };
}

/** `--key VALUE`, or a switch: `--key` alone. */
export type Option = ValueOption | Switch;

interface ValueOption {
  /** Without the dashes. */
  readonly key: string;
  /** What follows it, as help shows it. */
  readonly value: string;
  readonly kind: WordKind;
  readonly meaning: string;
  /** May be given several times. */
  readonly repeatable?: true;
}

interface Switch {
  readonly key: string;
  readonly value?: never;
  readonly kind?: never;
  readonly repeatable?: never;
  readonly meaning: string;
}

type Words<A extends readonly Argument[], O extends readonly Option[]> = {
  readonly [K in Exclude<A[number], { optional: true }>['key']]: string;
} & {
  readonly [K in
    | Extract<A[number], { optional: true }>['key']
    | Exclude<Extract<O[number], { value: string }>, { repeatable: true }>['key']]?: string;
} & { readonly [K in Extract<O[number], { repeatable: true }>['key']]?: readonly string[] } & {
  readonly [K in Exclude<O[number], { value: string }>['key']]?: true;
};

export type WordsByKey = Readonly<Record<string, string | true | readonly string[] | undefined>>;

/** What a command shares with help, completion and the reference page. */
interface Described {
  /** Other names of the same command. */
  readonly aliases?: readonly string[];
  /** One line to try. */
  readonly example: string;
  /** What help says beyond usage and summary. */
  readonly notes?: string;
}

interface Spec<C extends ControlName, A extends readonly Argument[], O extends readonly Option[]> extends Described {
  readonly name: C;
  readonly arguments: A;
  readonly options?: O;
  readonly params: (words: Words<A, O>, cwd: string) => ControlParams<C>;
  /** What is left to do here behind the client's answer, such as waiting for a download; its result takes the answer's place. */
  readonly follow?: (result: ControlResult<C>, words: Words<A, O>, following: Following) => Promise<ControlResult<C>>;
  /** Whether an interruption is the ordinary end of it: then it answers as it stands instead of failing. */
  readonly endsByInterrupt?: (words: Words<A, O>) => boolean;
  /** What a person reads; strings in `result` and `words` are cleaned already. Nothing is printed for ''. */
  readonly render: (result: ControlResult<C>, words: Words<A, O>, look: Look) => string;
}

export interface Answer {
  /** For programs, as the contract declares it. */
  readonly result: object;
  /** For people. */
  readonly text: (look: Look) => string;
}

/** Draws lines below everything else, over those drawn before; they are gone when the command ends. */
export type DrawLive = (lines: (look: Look) => readonly string[]) => void;

interface CallContext {
  readonly control: ControlApi;
  /** Where relative paths begin. */
  readonly cwd: string;
  readonly options?: CallOptions;
  /** Null where nobody looks on: no terminal, or an answer for a program. */
  readonly live?: DrawLive | null;
}

/** What a command that goes on after the client's answer works with. */
export interface Following {
  readonly control: ControlApi;
  readonly signal: AbortSignalLike | undefined;
  readonly live: DrawLive | null;
}

/** One entry of the command table. */
export interface Command extends Described {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  /** `words` as read-words.ts gives them, with the passwords that were asked for. */
  readonly run: (words: WordsByKey, context: CallContext) => Promise<Answer>;
  /** Whether an interruption is the ordinary end of it. */
  readonly endsByInterrupt?: (words: WordsByKey) => boolean;
  /** Its answer ends the shell. */
  readonly leaves?: true;
  /** The answer of a command that needs no client. */
  readonly local?: (words: WordsByKey) => Answer;
}

/** A command that the client answers. */
export function command<
  C extends ControlName,
  const A extends readonly Argument[],
  const O extends readonly Option[] = readonly [],
>(spec: Spec<C, A, O>): Command {
  return {
    name: spec.name,
    aliases: spec.aliases ?? [],
    summary: controlCommands[spec.name].summary,
    arguments: spec.arguments,
    options: spec.options ?? [],
    example: spec.example,
    ...(spec.notes !== undefined && { notes: spec.notes }),
    ...(spec.endsByInterrupt && { endsByInterrupt: (words) => spec.endsByInterrupt!(words as Words<A, O>) }),
    run: async (given, { control, cwd, options, live }) => {
      const words = given as Words<A, O>;
      const answer = await control.call(spec.name, spec.params(words, cwd), options);
      const following = { control, signal: options?.signal, live: live ?? null };
      const result = spec.follow ? await spec.follow(answer, words, following) : answer;
      return { result, text: (look) => spec.render(cleanAll(result), cleanAll(words), look) };
    },
  };
}

/** A command that the shell answers by itself. */
export function localCommand(
  spec: Described & {
    readonly name: string;
    readonly summary: string;
    readonly arguments: readonly Argument[];
    readonly leaves?: true;
    readonly answer: (words: WordsByKey) => Answer;
  },
): Command {
  const { answer, ...rest } = spec;
  return { aliases: [], options: [], ...rest, local: answer, run: async (words) => answer(words) };
}

const brackets = (argument: Argument): string =>
  argument.optional || argument.asked ? `[<${argument.shown}>]` : `<${argument.shown}>`;

/** `--name NAME`, `--watch` */
export const optionForm = (option: Option): string =>
  option.value === undefined ? `--${option.key}` : `--${option.key} ${option.value}`;

/** `upload_file <file_path> <group_id> [--name NAME]` */
export const usageOf = (entry: Command): string =>
  [
    entry.name,
    ...entry.arguments.map(brackets),
    ...entry.options.map((option) => `[${optionForm(option)}]${option.repeatable ? '...' : ''}`),
  ].join(' ');
