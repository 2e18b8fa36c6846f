import { copyFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));

const isThirdParty = (id: string): boolean => !/^[./\0]/.test(id) && !id.startsWith('@peerage/');

/** JavaScript of these programs, given by the names that they get and their paths from the root of the repository; third-party packages stay imports. */
export async function bundle(entries: Readonly<Record<string, string>>, folder: string): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, root + path])),
    platform: 'node',
    external: (id) => isThirdParty(id),
    logLevel: 'warn',
    onLog: (_level, log) => {
      throw new Error(`the bundler warns: ${log.message}`);
    },
  });
  try {
    const { output } = await build.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    });
    return output.filter((file) => file.type === 'chunk');
  } finally {
    await build.close();
  }
}

/** The compiled SHA-1 beside a bundle: for the platform that bundles; others, and those without a compiler, go without (docs/decisions/0061). */
export function copyAddon(folder: string): void {
  const addon = `sha1-${process.platform}-${process.arch}`;
  if (!existsSync(`${root}packages/storage/dist/${addon}.node`)) return;
  for (const file of [`${addon}.node`, `${addon}.json`])
    copyFileSync(`${root}packages/storage/dist/${file}`, `${folder}/${file}`);
}
