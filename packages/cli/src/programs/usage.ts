import { definitions, wrap } from '../render/definitions.ts';
import type { Look } from '../render/look.ts';

/** The programs and how they are called: shown by --help and on the reference page. */
export const clientUsage =
  'peerage client [<ip>:<port>] <tracker_info> [--home DIR] [--advertise IP:PORT] [--json] [--stay] [--keep-going] [--detach] [--no-web] [--roots DIR[:DIR…]]';
export const shellUsage = 'peerage shell [--home DIR] [--json] [--keep-going]';
export const joinUsage = 'peerage join <invitation> [--home DIR] [--yes] [--json]';
export const completionsUsage = 'peerage completions bash|zsh|fish';
export const pathsUsage = 'peerage paths [--json]';
export const trackerUsage =
  'peerage tracker <tracker_info> <no> [--data DIR] [--listen IP:PORT] [--secret FILE] [--budget SIZE] [--metrics IP:PORT] [--signup open|closed]';
export const keygenUsage = 'peerage tracker keygen <file> [--next | --drop]';
export const consoleUsage = 'peerage tracker console <command> [--data DIR | --number N]';
export const retireUsage = 'peerage tracker retire <no> [--data DIR | --number N]';
export const backupUsage = 'peerage tracker backup <file> [--data DIR | --number N]';
export const restoreUsage = 'peerage tracker restore <file> [--data DIR | --number N]';

const dataFlags = [
  ['--data DIR', "the tracker's data folder (else PEERAGE_DATA, else the one of --number)"],
  ['--number N', "the tracker's number, for its folder below the platform's data folder; 1 if left out"],
] as const;

export interface Program {
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly (readonly [flag: string, meaning: string])[];
  readonly notes?: string;
  /** One line to try. */
  readonly example: string;
}

export const programs: readonly Program[] = [
  {
    usage: trackerUsage,
    summary: 'run tracker number <no>, the <no>th address of the tracker file',
    flags: [
      [
        '--data DIR',
        "the folder itself that it keeps everything in (else PEERAGE_DATA, else below the platform's data folder)",
      ],
      ['--listen IP:PORT', 'listen there instead of on the address in the tracker file'],
      ['--signup open|closed', 'whether whoever asks gets an account (open, unless told)'],
      [
        '--secret FILE',
        'what proves that the trackers of the file belong together (else: made and found by those that are all on one machine)',
      ],
      ['--budget SIZE', 'what the data folder may take, such as 500M, 20G or 1T (else: what the disk has)'],
      [
        '--metrics IP:PORT',
        "show /metrics there, in plain HTTP, to whoever reaches it (else: only to this machine, on the tracker's own port)",
      ],
    ],
    example: 'peerage tracker tracker_info.txt 1',
  },
  {
    usage: keygenUsage,
    summary: 'make the secret by which trackers on several machines know each other; copy the file to each of them',
    flags: [
      ['--next', 'exchange it: add the next one; once that file is on all machines, once more, to prove with it'],
      ['--drop', 'then end the older one'],
    ],
    example: 'peerage tracker keygen cluster.secret',
  },
  {
    usage: backupUsage,
    summary:
      "write a tracker's data into one file, also while it serves; the file holds its keys, so keep it to yourself",
    flags: dataFlags,
    example: 'peerage tracker backup tracker-1.backup --number 1',
  },
  {
    usage: restoreUsage,
    summary:
      'make a data folder of a backup; the tracker serves once it has read from another one, or its operator types accept_loss',
    flags: dataFlags,
    example: 'peerage tracker restore tracker-1.backup --number 1',
  },
  {
    usage: consoleUsage,
    summary:
      'type one command at the console of a tracker that runs on this machine, such as status, rotate_key or help',
    flags: dataFlags,
    example: 'peerage tracker console status --number 1',
  },
  {
    usage: retireUsage,
    summary:
      'at a tracker that runs on this machine: put the issuer of tracker <no> out for ever; certificates that it made count no more, anywhere',
    flags: dataFlags,
    example: 'peerage tracker retire 2 --number 1',
  },
  {
    usage: clientUsage,
    summary: 'run a client and open its shell: commands from the terminal, or a script from standard input',
    flags: [
      [
        '--home DIR',
        "the folder itself that it keeps everything in (else PEERAGE_HOME, else below the platform's data folder)",
      ],
      ['--advertise IP:PORT', 'the address that other members are told first'],
      ['--json', 'answer every command with one line of JSON'],
      ['--stay', 'do not end with the script: go on until a signal'],
      ['--keep-going', 'go on with the script after an error'],
      ['--detach', 'run in the background: return when it is ready'],
      ['--no-web', 'serve no page'],
      ['--roots DIR[:DIR…]', 'the folders that the page may see and write to (else: your own)'],
    ],
    notes: 'Without <tracker_info> the client on --home takes the trackers that it was last started with.',
    example: 'peerage client 0.0.0.0:7801 tracker_info.txt',
  },
  {
    usage: 'peerage <command> … [--home DIR] [--json] [--password-stdin]',
    summary: 'one command of the shell to the client that is running',
    flags: [
      ['--home DIR', 'the client on that folder (else PEERAGE_HOME, else the only one that is running)'],
      ['--json', 'answer with one line of JSON'],
      ['--password-stdin', 'read passwords from standard input, one a line, instead of asking'],
      ['--help', 'what the command does, with an example'],
    ],
    example: 'peerage download_file team film.mkv ~/films --wait',
  },
  {
    usage: shellUsage,
    summary: 'the shell of a client that is running already',
    flags: [],
    example: 'peerage shell',
  },
  {
    usage: joinUsage,
    summary: 'follow an invitation: ask for membership, in a new client with a shell where none has its trackers',
    flags: [
      ['--home DIR', 'the folder of the client (else the one that has these trackers, else a new one)'],
      ['--yes', 'a new home needs no confirmation: the addresses and keys were compared before'],
    ],
    example: 'peerage join peerage1:dGVhbQoxMjM0…',
  },
  {
    usage: completionsUsage,
    summary: 'what makes that shell complete commands, groups, files and members',
    flags: [],
    notes:
      'bash: eval "$(peerage completions bash)" in ~/.bashrc. zsh: the same with zsh, in ~/.zshrc behind compinit. fish: peerage completions fish | source in config.fish.',
    example: 'eval "$(peerage completions bash)"',
  },
  {
    usage: pathsUsage,
    summary: 'where clients and trackers keep what they keep, and which clients are running',
    flags: [],
    example: 'peerage paths',
  },
  {
    usage: 'peerage help [command]',
    summary: 'all commands of the shell, or one of them in full',
    flags: [],
    example: 'peerage help upload_file',
  },
  { usage: 'peerage --version', summary: 'the version', flags: [], example: 'peerage --version' },
];

export const helpText = (look: Look): string =>
  [
    'Peerage shares large files inside groups of people, peer to peer.',
    '',
    ...programs.flatMap(({ usage, summary, flags, notes, example }) => [
      ...wrap(look.colours.bold(usage), look, 0),
      ...wrap(summary, look, 4).map((line) => `    ${line}`),
      ...(flags.length === 0
        ? []
        : definitions(
            flags.map(([flag, meaning]) => [`    ${flag}`, meaning] as const),
            look,
          ).split('\n')),
      ...(notes ? wrap(notes, look, 4).map((line) => `    ${line}`) : []),
      `    example: ${example}`,
      '',
    ]),
    ...wrap('tracker_info is a text file with one host:port a line for all trackers; # begins a comment.', look, 0),
  ].join('\n');
