import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { accountCases } from './account-cases.ts';
import type { Case, User } from './case.ts';
import { fileCases } from './file-cases.ts';
import { folderCases } from './folder-cases.ts';
import { groupCases } from './group-cases.ts';
import { HumanProcess } from './human-process.ts';

const cases: readonly Case[] = [...accountCases, ...groupCases, ...fileCases, ...folderCases];
const users: readonly User[] = ['alice', 'bob', 'carol'];

interface Shell {
  stop(): Promise<number | null>;
}

/** A tracker and three clients in a fresh folder. */
async function startWorld<S extends Shell>(start: (trackerInfo: string, home: string) => Promise<S>) {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-contract-'));
  const trackerInfo = join(folder, 'tracker_info.txt');
  writeFileSync(trackerInfo, `127.0.0.1:${await freePort()}\n`);
  mkdirSync(join(folder, 'homes'));
  const tracker = await TrackerProcess.start(trackerInfo, 1, join(folder, 'tracker'));
  const shells = new Map<User, S>();
  for (const user of users) shells.set(user, await start(trackerInfo, join(folder, 'homes', user)));
  return {
    folder,
    shells,
    async stop() {
      for (const shell of shells.values()) await shell.stop();
      await tracker.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What each refusal said in JSON, so that the other table can compare: the same sentence reaches a person. */
const sentences = new Map<Case, string>();
const title = ({ who, line, code }: Case) => `${who}: ${line.slice(0, 90)} → ${code ?? 'ok'}`;
const withTimesLeftOut = (text: string) =>
  text.replaceAll(/\d\d:\d\d/g, '--:--').replaceAll(/peerage-contract-\w+/g, 'world');

describe('every command, for programs', () => {
  let world: Awaited<ReturnType<typeof startWorld<ClientProcess>>>;
  beforeAll(async () => {
    world = await startWorld((info, home) => ClientProcess.start(info, home));
  });
  afterAll(() => world?.stop());

  test.each(cases.map((one) => [title(one), one] as const))('%s', async (_title, one) => {
    await one.before?.(world.folder);
    const answer = await world.shells.get(one.who)!.sendLine(one.line.replaceAll('{dir}', world.folder));
    if (one.code) {
      expect(answer).toMatchObject({ ok: false, error: { code: one.code } });
      if (answer.ok) return;
      expect(answer.error.message).toMatch(/^\S.*[^.\s]$/);
      if (one.says) expect(answer.error.message).toMatch(one.says);
      sentences.set(one, withTimesLeftOut(answer.error.message));
    } else {
      expect(answer).toMatchObject({ ok: true, ...(one.result ? { result: one.result } : {}) });
    }
    await one.after?.(world.folder);
  });
});

describe('every command, for people', () => {
  let world: Awaited<ReturnType<typeof startWorld<HumanProcess>>>;
  beforeAll(async () => {
    world = await startWorld((info, home) => HumanProcess.start(info, home));
  });
  afterAll(() => world?.stop());

  test.each(cases.map((one) => [title(one), one] as const))('%s', async (_title, one) => {
    await one.before?.(world.folder);
    const said = await world.shells.get(one.who)!.say(one.line.replaceAll('{dir}', world.folder));
    if (one.code) {
      const error = /^error: (.+) \((\w+)\)$/m.exec(said);
      expect(error?.[2], said).toBe(one.code);
      expect(withTimesLeftOut(error![1]!)).toBe(sentences.get(one));
    } else {
      expect(said).not.toMatch(/^error:/m);
      if (one.says) expect(said).toMatch(one.says);
    }
    await one.after?.(world.folder);
  });
});
