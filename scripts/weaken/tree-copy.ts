import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COPIED = ['packages', 'scripts', 'test', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/**
 * The sources in a folder of their own, where tests run as in the clone: installed packages are linked, the workspace's own links lead to the copy.
 */
export class TreeCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-weaken-'));

  constructor(root: string) {
    for (const name of COPIED) {
      cpSync(join(root, name), join(this.folder, name), { recursive: true, verbatimSymlinks: true });
    }
    link(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Puts `instead` in the place of a line that stands once in the file; returns what puts it back. */
  weaken(file: string, line: string, instead: string): () => void {
    const path = join(this.folder, file);
    const text = readFileSync(path, 'utf8');
    const found = text.split(line).length - 1;
    if (found !== 1) throw new Error(`${file} has ${found} times: ${line}`);
    writeFileSync(
      path,
      text.replace(line, () => instead),
    );
    return () => writeFileSync(path, text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Relative links (the workspace's packages, programs) stay as they are; folders of packages are linked to where they are. */
function link(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const isOfWorkspace = entry.isSymbolicLink() || entry.name === '@peerage' || entry.name === '.bin';
    if (isOfWorkspace) cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    else if (entry.isDirectory() && !entry.name.startsWith('.')) symlinkSync(source, target);
  }
}
