// Bundles the peerage package: packages/cli/dist, run by npm pack. Node strips no types below node_modules, so what is published is JavaScript.
//
// @peerage/* is bundled; third-party packages stay imports and must be dependencies of packages/cli. Everything lands flat in dist/, since a
// worker is found by new URL('./<name>.js', import.meta.url) from whatever chunk starts it.
import { copyFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { OutputChunk } from 'rolldown';
import { bundle, copyAddon } from './drive/bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}packages/cli/dist`;

/** The program and the threads it starts, by the names that they have in dist/. */
const entries = {
  main: 'packages/cli/src/main.ts',
  'tracker-writer-worker': 'packages/tracker/src/store/writer-worker.ts',
  'tracker-metainfo-worker': 'packages/tracker/src/blobs/metainfo-worker.ts',
  'storage-hash-worker': 'packages/storage/src/hashing/hash-worker.ts',
  'storage-folder-hash-worker': 'packages/storage/src/hashing/folder-hash-worker.ts',
  'client-metainfo-worker': 'packages/client/src/metainfo/metainfo-worker.ts',
  'client-engine-worker': 'packages/client/src/engine/engine-worker.ts',
} as const;

/** `@scope/name` or `name` of an import such as `name/sub/path`. */
const packageOf = (id: string): string => id.split('/', id.startsWith('@') ? 2 : 1).join('/');

/** Fails where the published package would lack something that it imports, or make people install what it does not. */
function checkImports(chunks: readonly OutputChunk[]): void {
  const own = new Set(chunks.map(({ fileName }) => fileName));
  const imported = new Set(
    chunks
      .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
      .filter((id) => !own.has(id) && !isBuiltin(id))
      .map(packageOf),
  );
  const manifest = JSON.parse(readFileSync(`${root}packages/cli/package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const listed = new Set(Object.keys(manifest.dependencies));
  const problems = [
    ...[...imported]
      .filter((name) => !listed.has(name))
      .map((name) => `${name} is imported, but no dependency of packages/cli`),
    ...[...listed]
      .filter((name) => !imported.has(name))
      .map((name) => `${name} is a dependency of packages/cli, but nothing imports it`),
  ];
  const nested = chunks.filter(({ fileName }) => fileName.includes('/'));
  problems.push(...nested.map(({ fileName }) => `${fileName} is not flat in dist/`));
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

rmSync(dist, { recursive: true, force: true });
const chunks = await bundle(entries, dist);
checkImports(chunks);
copyFileSync(`${root}docs/man/peerage.1`, `${dist}/peerage.1`);
copyAddon(dist);
cpSync(`${root}packages/web/dist`, `${dist}/page`, { recursive: true, filter: (file) => !file.endsWith('.built') });
for (const { fileName, code } of chunks) process.stderr.write(`dist/${fileName} ${Math.ceil(code.length / 1000)} kB\n`);
