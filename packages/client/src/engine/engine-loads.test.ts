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

test('an engine over plain TCP loads no package but its own: schemas and certificates take longer to load than all of it', async () => {
  const files = ['./engine.ts', '../net/plain-tcp.ts'].map((path) => new URL(path, import.meta.url).href);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', listImports, ...files]);
  expect(JSON.parse(stdout)).toEqual(
    ['bittorrent', 'contract/bare', 'storage', 'swarm'].map((name) => `@peerage/${name}`),
  );
});
