/** Does `work` for every item, at most `width` at once; after a failure nothing more is begun, and what runs is waited for. */
export async function inTurns<Item>(
  items: Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed: { readonly cause: unknown } | undefined;
  const line = async () => {
    for (let next = iterator.next(); !next.done && failed === undefined; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (cause) {
        failed ??= { cause };
      }
    }
  };
  await Promise.all(Array.from({ length: width }, line));
  if (failed !== undefined) throw failed.cause;
}
