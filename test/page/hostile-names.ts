import { join } from 'node:path';
import { keys } from '../../packages/tracker/src/domain/entities.ts';
import { indexRows } from '../../packages/tracker/src/domain/indexes.ts';
import { put } from '../../packages/tracker/src/domain/rule.ts';
import { SqliteStore } from '../../packages/tracker/src/store/sqlite-store.ts';

/** Names that no client would make, and that a tracker which lies may tell: markup, what turns text around, ends of lines. At most 80 characters, as the contract takes. */
export const hostile = {
  user: '<img src=x onerror=pwned=1>\u202egnp.exe',
  group: '\u2067"><script>pwned=1<script>\n\u0007team',
  file: `<svg onload=pwned=1>\u202etxt.${'long '.repeat(38)}\u2066`,
} as const;

/** Makes a tracker that does not run tell `hostile` instead of the honest names. */
export async function makeHostile(
  dataFolder: string,
  honest: { readonly user: string; readonly group: string; readonly file: string },
): Promise<void> {
  const store = new SqliteStore(join(dataFolder, 'tracker.db'));
  const now = store.now();
  const user = store.scan('user', '').find(({ value }) => value.name === honest.user)!;
  const group = store.scan('group', '').find(({ value }) => value.name === honest.group)!;
  const content = store.scan('content', '').find(({ value }) => value.name === honest.file)!;
  const claim = { claimedAt: now, settled: true };
  const puts = [
    put('user', user.key, { ...user.value, name: hostile.user, renamedAt: now }),
    put('user_name', keys.claim(hostile.user.toLowerCase(), user.key), claim),
    put('group', group.key, { ...group.value, name: hostile.group, renamedAt: now }),
    put('group_name', keys.claim(hostile.group.toLowerCase(), group.key), claim),
    put('content', content.key, { ...content.value, name: hostile.file }),
  ];
  await store.commit([...puts, ...puts.flatMap(indexRows)], []);
  await store.close();
}

/** File names of every script, as people have them, and some that look like something else. */
export const honestNames = [
  'تقرير المبيعات ٢٠٢٦.pdf',
  'דוח שנתי סופי.xlsx',
  'รายงานประจำปีที่ไม่มีช่องว่างเลยและยาวมาก.docx',
  'वार्षिक रिपोर्ट.odt',
  '会議の議事録（最終版）.txt',
  '한국어 파일 이름.hwp',
  '👩‍👩‍👧‍👦 family 🏳️‍🌈.jpg',
  `z${'\u0301\u0323\u0330'.repeat(20)}algo.txt`.normalize('NFC'),
  '<b onmouseover=pwned=1>bold.html',
  '100%25 \'of\' "it" & #1?.txt',
  `${'W'.repeat(196)}.txt`,
] as const;

/** What a folder may hold all the same: names that are no names in a group. */
export const localNames = ['\u202egnp.harmless', 'two\nlines', 'bell\u0007', '<img src=x onerror=pwned=1>'] as const;
