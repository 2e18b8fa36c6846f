import { errorTable } from '../../packages/contract/src/index.ts';

/** docs/reference/errors.md: the error table, for people and for whoever writes scripts. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable)
    .sort(([, a], [, b]) => a.exit - b.exit)
    .map(
      ([code, { meaning, http, exit, retry }]) =>
        `| \`${code}\` | ${meaning} | ${exit} | ${http} | ${retry ? 'yes' : ''} |`,
    );
  return `# Errors

Written by \`npm run docs\` from \`packages/contract/src/errors/table.ts\`; a test holds the two equal.

A person reads \`error: <sentence> (<code>)\`; a script with \`--json\` reads \`{"command":…,"ok":false,"error":{"code":…,"message":…}}\`.
The sentence may change, the code does not. The exit code of a script is that of its first command that failed.

| exit code | means |
| --- | --- |
| 0 | ok |
| 1 | error |
| 2 | usage |
| 3 | not found |
| 4 | not allowed |
| 5 | authentication |
| 6 | no tracker or network |
| 7 | unfinished |
| 8 | integrity |
| 9 | no space |
| 10 | conflict |
| 130 | interrupted |

\`retry\`: the same call may succeed later without anything else being changed.

| code | means | exit code | HTTP status | retry |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
