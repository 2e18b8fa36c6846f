import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { debianProgram } from './support/debian-program.ts';

const packaging = fileURLToPath(new URL('../packaging/', import.meta.url));
const read = (path: string): string => readFileSync(`${packaging}${path}`, 'utf8');

/** What can be said of an image without an engine that builds it. */
describe('the Dockerfile', () => {
  const instructions = read('docker/Dockerfile')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const of = (name: string) => instructions.filter((line) => line.startsWith(`${name} `));

  it('stands on a named version of Node 24 and leaves root', () => {
    expect(of('FROM')).toEqual([expect.stringMatching(/^FROM node:24-[a-z-]+$/)]);
    expect(of('USER')).toEqual(['USER node']);
    const after = instructions.slice(instructions.indexOf('USER node'));
    expect(after.filter((line) => /^(RUN|COPY|ADD) /.test(line))).toEqual([]);
  });

  it('runs the program itself, so that signals reach it, and keeps data in a volume of its own', () => {
    expect(of('ENTRYPOINT')).toEqual(['ENTRYPOINT ["peerage"]']);
    expect(of('CMD')).toEqual(['CMD ["--help"]']);
    expect(of('VOLUME')).toEqual(['VOLUME /data']);
    expect(of('ADD')).toEqual([]);
    expect(instructions.join('\n')).not.toMatch(/\bsudo\b|:latest|apt-get|curl|secret|password/i);
  });

  it('is what the compose file runs, with no secret in it', () => {
    const compose = read('docker/compose.yaml');
    expect(compose).toMatch(/read_only: true\n {4}tmpfs: \[\/tmp\]\n {4}cap_drop: \[ALL\]/);
    expect(compose.match(/^ {2}tracker[12]:/gm)).toHaveLength(4); // two services, two volumes
    expect(compose).not.toMatch(/\t|sha256:|privileged: true|network_mode/);
  });
});

describe('the units', () => {
  const units = readdirSync(`${packaging}systemd`);
  const systemdAnalyze = debianProgram('/usr/bin/systemd-analyze', ['systemd']);

  it.skipIf(systemdAnalyze === null)('are what systemd takes', () => {
    const paths = units.map((name) => `${packaging}systemd/${name}`);
    const { status, stderr } = spawnSync(systemdAnalyze!, ['verify', '--man=no', ...paths], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('call options that the program has', () => {
    const usage = read('../packages/cli/src/programs/usage.ts');
    for (const unit of units) {
      const [, call = ''] = /^ExecStart=\/usr\/bin\/env peerage (.+)$/m.exec(read(`systemd/${unit}`)) ?? [];
      expect(call).toMatch(/^(tracker|client) /);
      for (const [option] of call.matchAll(/--[a-z-]+/g)) expect(usage).toContain(option);
    }
  });
});
