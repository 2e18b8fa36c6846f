/** Decides by the first word which program runs; loads nothing that the others need. Answers the exit code. */
export async function dispatch(args: readonly string[], version: string): Promise<number> {
  const [first, ...rest] = args;
  const isProgram =
    first !== undefined && ['tracker', 'client', 'shell', 'join', 'completions', 'paths'].includes(first);
  if (isProgram && (rest.includes('--help') || rest.includes('-h'))) return dispatch(['--help'], version);
  switch (first) {
    case '--version':
      process.stdout.write(`${version}\n`);
      return 0;
    case undefined:
    case '--help':
    case '-h': {
      const [{ helpText }, { lookOf }] = await Promise.all([import('./usage.ts'), import('../render/look.ts')]);
      const stream = first === undefined ? process.stderr : process.stdout;
      stream.write(`${helpText(lookOf(stream, process.env))}\n`);
      return first === undefined ? 2 : 0;
    }
    case 'tracker':
      return (await import('./tracker.ts')).trackerProgram(rest);
    case 'client':
      return (await import('./client.ts')).clientProgram(rest);
    case 'shell':
      return (await import('./shell.ts')).shellProgram(rest);
    case 'join':
      return (await import('./join.ts')).joinProgram(rest);
    case 'completions':
      return (await import('./completions.ts')).completionsProgram(rest);
    case 'paths':
      return (await import('./paths.ts')).pathsProgram(rest);
    default:
      return (await import('./one-shot.ts')).oneShot(first, rest);
  }
}
