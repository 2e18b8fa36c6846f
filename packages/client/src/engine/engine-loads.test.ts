import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const listImports = `
import { registerHooks } from 'node:module';
const packages = new Set();
registerHooks({
  resolve(specifier, context, next) {
    if (!/^(node:|file:|[./])/.test(specifier)) packages.add(specifier);
    return next(specifier, context);
  },
});
await import(process.argv[1]);
await import(process.argv[2]);
console.log(JSON.stringify([...packages].sort()));
`;

/** What a process loads for both of these files, but for what these packages load themselves. */
async function packagesOf(...paths: string[]): Promise<string[]> {
  const files = paths.map((path) => new URL(path, import.meta.url).href);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', listImports, ...files]);
  return JSON.parse(stdout);
}

const own = ['bittorrent', 'contract/bare', 'storage', 'swarm'].map((name) => `@peerage/${name}`);

test('an engine over plain TCP loads no package but its own: schemas and certificates take longer to load than all of it', async () => {
  expect(await packagesOf('./engine.ts', '../net/plain-tcp.ts')).toEqual(own);
});

test('with mutual TLS it loads what reads certificates, not what makes them', async () => {
  const reading = ['asn1js', 'pvtsutils', 'pvutils'];
  expect(await packagesOf('./engine.ts', '../net/certified-links.ts')).toEqual([...own, ...reading]);
});
