import manifest from '../package.json' with { type: 'json' };

// The launcher looks for a Node 24 by itself; this is for whoever starts the file with another one.
if (!process.versions.node.startsWith('24.')) {
  process.stderr.write(`error: peerage needs Node 24, this is ${process.versions.node}: install Node 24 (usage)\n`);
  process.exit(2);
}

const { dispatch } = await import('./programs/dispatch.ts');
let exitCode: number;
try {
  exitCode = await dispatch(process.argv.slice(2), manifest.version);
} catch (error) {
  const { refuse } = await import('./programs/refuse.ts');
  exitCode = refuse(error);
}
// Everything is closed by now; waiting for the event loop to run dry would let one forgotten handle keep a finished program alive.
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
process.exit(exitCode);
