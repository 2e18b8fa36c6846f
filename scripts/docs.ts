// Writes the generated reference pages: npm run docs. test/docs.test.ts holds them equal to the code.
import { writeFileSync } from 'node:fs';
import { cliPage } from './docs/cli-page.ts';
import { errorsPage } from './docs/errors-page.ts';
import { limitsPage } from './docs/limits-page.ts';
import { manPage } from './docs/man-page.ts';
import { controlOpenApi, trackerOpenApi } from './docs/openapi-page.ts';

/** Every generated page by its path in the repository. A new one is a new line here. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  'docs/reference/cli.md': cliPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/limits.md': limitsPage,
  'docs/man/peerage.1': manPage,
  'docs/reference/control-openapi.json': controlOpenApi,
  'docs/reference/tracker-openapi.json': trackerOpenApi,
};

if (import.meta.main) {
  for (const [path, page] of Object.entries(generatedPages)) {
    writeFileSync(new URL(`../${path}`, import.meta.url), page());
    process.stdout.write(`${path}\n`);
  }
}
