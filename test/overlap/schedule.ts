import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { type ControlName, PeerageError } from '@peerage/contract';
import { type Content, contents, type OverlapWorld } from './overlap-world.ts';

/** One command of a schedule, how long after the one before it was given, and what became of it. */
export interface Given {
  readonly words: string;
  readonly gapMs: number;
  outcome?: string;
  removed?: string | null;
}

type Call = readonly [command: ControlName, params: object, words: string];

/** Most commands meet in the same moment, some come so much later at most. */
const MOST_GAP_MS = 25;

/** Gives commands on the same transfers without waiting for the one before; resolves when all have answered. `given` fills up on the way. */
export async function giveAtOnce(
  world: OverlapWorld,
  random: () => number,
  folder: string,
  given: Given[],
): Promise<void> {
  const below = (end: number) => Math.floor(random() * end);
  const focus = contents[below(contents.length)]!;
  const count = 4 + below(10);
  const answers: Promise<void>[] = [];
  for (let at = 0; at < count; at++) {
    const [command, params, words] = at === 0 ? download(folder, focus, 0, below(3)) : draw(random, folder, focus);
    const gapMs = below(3) === 0 ? below(MOST_GAP_MS) : 0;
    const one: Given = { words, gapMs };
    given.push(one);
    if (gapMs > 0) await pause(gapMs);
    else if (below(2) === 0) await nextTurn();
    answers.push(
      (world.member.call as (command: string, params: object) => Promise<{ removed?: string | null }>)
        .call(world.member, command, params)
        .then(
          ({ removed }) => {
            one.outcome = 'ok';
            if (removed !== undefined) one.removed = removed;
          },
          (error: unknown) => {
            one.outcome =
              error instanceof PeerageError ? `${error.code}: ${error.message}` : `not of the table: ${error}`;
          },
        ),
    );
  }
  await Promise.all(answers);
}

function download(folder: string, file: Content, place: number, choice: number): Call {
  const only = file === 'tree' && choice < 2 ? { only: choice === 0 ? ['a.bin'] : ['b.bin', 'c.txt'] } : {};
  const destination = `${folder}/${place}-${file}`;
  return [
    'download_file',
    { group: 'team', file, destination, cwd: folder, ...only },
    `download_file ${file} ${place} ${only.only ?? ''}`,
  ];
}

function draw(random: () => number, folder: string, focus: Content): Call {
  const below = (end: number) => Math.floor(random() * end);
  const file = below(8) === 0 ? contents[below(contents.length)]! : focus;
  const named = { group: 'team', file };
  const simple = (command: ControlName): Call => [command, named, `${command} ${file}`];
  switch (below(26)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return download(folder, file, below(5) === 0 ? 1 : 0, below(3));
    case 5:
    case 6:
    case 7:
      return simple('pause_download');
    case 8:
    case 9:
    case 10:
      return simple('resume_download');
    case 11:
    case 12:
      return simple('cancel_download');
    case 13: {
      const data = below(2) === 0 ? 'keep' : 'remove';
      return ['cancel_download', { ...named, data }, `cancel_download ${file} --data ${data}`];
    }
    case 14:
    case 15:
    case 16:
    case 17:
      return simple('verify');
    case 18:
    case 19:
      return simple('stop_share');
    case 20:
    case 21:
      return [
        'upload_file',
        { path: folder.replace(/[^/]+$/, `own/${file}`), group: 'team', cwd: folder },
        `upload_file ${file}`,
      ];
    case 22:
      return [
        'limit',
        { ...named, change: { what: 'down', rate: below(2) === 0 ? null : 20_000_000 } },
        `limit ${file}`,
      ];
    case 23:
      return ['wait', { timeoutMs: 200 }, 'wait'];
    case 24:
      return ['logout', {}, 'logout'];
    default:
      return ['login', { user: 'member', password: 'secret' }, 'login'];
  }
}
