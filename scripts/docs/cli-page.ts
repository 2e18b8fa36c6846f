import { type Command, optionForm, usageOf } from '../../packages/cli/src/commands/command.ts';
import { commands } from '../../packages/cli/src/commands/table.ts';
import { programs } from '../../packages/cli/src/programs/usage.ts';
import { controlCommands } from '../../packages/contract/src/index.ts';

const fence = '```';

/** The result of a command as scripts see it, `groups[]{id, owner}`; empty for commands that only succeed. */
function resultOf({ name }: Command): string {
  if (!Object.hasOwn(controlCommands, name)) return '';
  const { result } = controlCommands[name as keyof typeof controlCommands];
  return fieldsOf(result.toJSONSchema() as Schema);
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
}

function fieldsOf(schema: Schema): string {
  const fields = Object.entries(schema.properties ?? {}).map(([key, inner]) => `${key}${shapeOf(inner)}`);
  return fields.length === 0 ? '' : `{${fields.join(', ')}}`;
}

/** What stands behind a field's name: `[]` for lists, the fields of an object, the words of a short choice. */
function shapeOf(schema: Schema): string {
  if (schema.type === 'array') return `[]${fieldsOf(schema.items ?? {})}`;
  if (schema.anyOf) return schema.anyOf.map(shapeOf).join('');
  if (schema.enum && schema.enum.length <= 6) return `: ${schema.enum.map((word) => `"${word}"`).join('|')}`;
  return fieldsOf(schema);
}

function section(entry: Command): string {
  const result = resultOf(entry);
  const parts = [
    `### ${entry.name}`,
    `${entry.summary}.${entry.notes ? ` ${entry.notes.replace(/<\w+>/g, '`$&`')}` : ''}`,
    [fence, usageOf(entry), fence].join('\n'),
    ...entry.options.map((option) => `- \`${optionForm(option)}\`: ${option.meaning}`),
    entry.aliases.length > 0 ? `Also: ${entry.aliases.map((alias) => `\`${alias}\``).join(', ')}.` : '',
    `Example: \`${entry.example}\``,
    result === '' ? '' : `Result: \`${result}\``,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** docs/reference/cli.md: the programs and the command table. */
export function cliPage(): string {
  return `# Command line

Written by \`npm run docs\` from the command table of \`packages/cli\`; a test holds the two equal. Errors and exit codes: [errors.md](errors.md).

## Programs

${programs
  .map(({ usage, summary, flags, notes, example }) =>
    [
      `${fence}\n${usage}\n${fence}`,
      `${summary}.${notes ? ` ${notes.replace(/<\w+>/g, '`$&`')}` : ''}`,
      flags.map(([flag, meaning]) => `- \`${flag}\`: ${meaning}`).join('\n'),
      `Example: \`${example}\``,
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  )
  .join('\n\n')}

## The shell

Lines are split as in a POSIX shell: \`'my file.iso'\`, \`"my file.iso"\` and \`my\\ file.iso\` are one word, \`#\` begins a comment, a path
may begin with \`~/\`. Only the options listed below are options: any other word with a dash is an argument, and behind \`--\` every word is.

Input that is not a terminal is a script: one command a line, no prompt, no colour; it stops at the first error unless \`--keep-going\`, and its
end ends the client unless \`--stay\`. With \`--json\` every command answers with exactly one line,
\`{"command":…,"ok":true,"result":…}\` or \`{"command":…,"ok":false,"error":{"code":…,"message":…}}\`; \`command\` is null for a line that can't be
split or is no command.

${commands.map(section).join('\n\n')}
`;
}
