import { type ControlApi, PeerageError } from '@peerage/contract';
import { chooseClient } from '../running/choose-client.ts';
import { RemoteControl } from '../running/remote-control.ts';
import { completions } from '../shell/completion.ts';
import { scan } from '../words/tokenise.ts';
import { oneShotWords } from './one-shot-words.ts';
import { completionsUsage, programs } from './usage.ts';

/**
 * Each script hands the line left of the cursor to `peerage completions --line`, and lets its shell quote what comes back: on the first
 * line the word that is being typed, then what it may become, one a line.
 */
const scripts: Readonly<Record<string, string>> = {
  bash: `_peerage() {
  local -a found
  mapfile -t found < <(peerage completions --line "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  local typed=\${found[0]-} kept=
  # bash replaces only what stands behind the last colon
  [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && kept=\${typed%"\${typed##*:}"}
  COMPREPLY=()
  local word
  # it adds the slash of a folder by itself
  for word in "\${found[@]:1}"; do
    word=\${word#"$kept"}
    COMPREPLY+=("\${word%/}")
  done
}
complete -o filenames -F _peerage peerage
`,
  zsh: `#compdef peerage
_peerage() {
  local -a found folders others
  found=("\${(@f)$(peerage completions --line "\${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
  shift found
  folders=(\${(M)found:#*/})
  others=(\${found:#*/})
  (( $#folders )) && compadd -U -S '' -- $folders
  (( $#others )) && compadd -U -- $others
}
compdef _peerage peerage
`,
  fish: `complete -c peerage -f -a '(peerage completions --line (commandline -cp | string collect) 2>/dev/null | tail -n +2)'
`,
};

/** `peerage completions <shell>`: its script; `--line` is for the scripts. Answers the exit code. */
export async function completionsProgram([first, line, ...more]: readonly string[]): Promise<number> {
  if (first === '--line' && line !== undefined && more.length === 0) {
    process.stdout.write(`${(await answer(line)).join('\n')}\n`);
    return 0;
  }
  const script = first !== undefined && Object.hasOwn(scripts, first) ? scripts[first] : undefined;
  if (script === undefined || line !== undefined) {
    throw new PeerageError('usage', `completions needs the name of a shell: ${completionsUsage}`);
  }
  process.stdout.write(script);
  return 0;
}

const globalOptions = ['--home', '--json', '--password-stdin', '--help'];
const programNames = [...new Set(programs.map(({ usage }) => usage.split(' ')[1]!))].filter((word) =>
  /^[a-z]/.test(word),
);

async function answer(line: string): Promise<string[]> {
  const { words, inWord } = scan(line);
  const typed = (inWord ? words.at(-1)!.text : '') ?? '';
  const before = words.slice(1, inWord ? -1 : undefined).map(({ text }) => text);
  const found = new Set(await candidatesBehind(before, typed));
  return [typed, ...[...found].filter((word) => word.startsWith(typed)).sort()];
}

async function candidatesBehind(before: readonly string[], typed: string): Promise<string[]> {
  const nobody = {
    call: () => Promise.reject(new PeerageError('no_client', 'no client answers')),
    subscribe: () => () => undefined,
  } satisfies ControlApi;
  const paths = () => completions(['download_file', '', ''], typed, nobody, process.cwd());
  if (before.at(-1) === '--home') return paths();
  const { words, home } = oneShotWords(before);
  const [name] = words;
  if (name === undefined) return [...(await completions([], typed, nobody, '')), ...programNames];
  const program = programs.find(({ usage }) => usage.startsWith(`peerage ${name} `) && name !== 'help');
  if (program && typed.startsWith('-')) return program.flags.map(([flag]) => flag.split(' ')[0]!);
  if (program)
    return name === 'completions' ? Object.keys(scripts) : /<tracker_info>|<file>/.test(program.usage) ? paths() : [];
  const control = await chooseClient(home, process.env, null).then(
    ({ file }) => new RemoteControl(file),
    () => nobody,
  );
  const found = await completions(words, typed, control, process.cwd());
  return typed.startsWith('-') ? [...found, ...globalOptions] : found;
}
