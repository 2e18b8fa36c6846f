/** Smallest number of inserted, removed, changed or swapped neighbouring characters between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/**
 * The name that was probably meant, dashes and case aside: at most a third of its characters are wrong, or it begins with what was
 * typed, one slip allowed.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const typed = word.toLowerCase().replaceAll('-', '_');
  let best: { name: string; distance: number } | undefined;
  const offer = (name: string, distance: number): void => {
    if (best === undefined || distance < best.distance) best = { name, distance };
  };
  for (const name of names) {
    if (typed.length >= 4 && typed.length < name.length && editDistance(typed, name.slice(0, typed.length)) <= 1) {
      offer(name, 1);
    }
    if (Math.abs(name.length - typed.length) > name.length / 3) continue;
    const distance = editDistance(typed, name);
    if (distance <= name.length / 3) offer(name, distance);
  }
  return best?.name;
}
