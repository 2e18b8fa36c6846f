import { type Entities, keyParts, keys } from './entities.ts';
import { indexRows } from './indexes.ts';
import { end, type Put, put, type Reading, scan } from './rule.ts';

/** The rows of this tracker's own that follow from a replicated row that was merged or dropped, and is written already; `former`: what a dropped one said. */
export function* derivedRows(changed: Put, former: Put['value'] = null): Reading<Put[]> {
  if (changed.entity === 'content' && changed.value === null) {
    const [gid = '', infoHash = ''] = keyParts(changed.key);
    return former ? [end('file_name', keys.fileName(gid, (former as Entities['content']).name, infoHash))] : [];
  }
  if (changed.entity !== 'application') return indexRows(changed);
  const [gid = '', uid = ''] = keyParts(changed.key);
  const applications = yield* scan('application', `${gid}/${uid}/`);
  const key = keys.membership(gid, uid);
  const [first, ...others] = applications.map((row) => row.value);
  const membership = first ? put('membership', key, others.reduce(later, first)) : end('membership', key);
  return [membership, ...indexRows(membership).filter(({ entity }) => entity !== 'application')];
}

const later = (a: Entities['application'], b: Entities['application']): Entities['application'] =>
  (a.application - b.application || (a.applicationId < b.applicationId ? -1 : 1)) > 0 ? a : b;
