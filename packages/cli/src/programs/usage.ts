/** The programs and how they are called: shown by --help and on the reference page. */
export const clientUsage =
  'peerage client [<ip>:<port>] <tracker_info> [--home DIR] [--advertise IP:PORT] [--json] [--stay] [--keep-going]';
export const trackerUsage =
  'peerage tracker <tracker_info> <no> [--data DIR] [--listen IP:PORT] [--secret FILE] [--budget SIZE] [--metrics IP:PORT] [--signup open|closed]';
export const keygenUsage = 'peerage tracker keygen <file> [--next | --drop]';

export const programs = [
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
  },
  {
    usage: keygenUsage,
    summary: 'make the secret by which trackers on several machines know each other; copy the file to each of them',
    flags: [
      ['--next', 'exchange it: add the next one; once that file is on all machines, once more, to prove with it'],
      ['--drop', 'then end the older one'],
    ],
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
    ],
  },
  { usage: 'peerage help [command]', summary: 'all commands of the shell, or one of them in full', flags: [] },
  { usage: 'peerage --version', summary: 'the version', flags: [] },
] as const;

export const helpText = (): string =>
  [
    'Peerage shares large files inside groups of people, peer to peer.',
    '',
    ...programs.flatMap(({ usage, summary, flags }) => [
      usage,
      `    ${summary}`,
      ...flags.map(([flag, meaning]) => `    ${flag.padEnd(20)} ${meaning}`),
      '',
    ]),
    'tracker_info is a text file with one host:port a line for all trackers; # begins a comment.',
  ].join('\n');
