/** What is added where only one tracker has acknowledged something so far (trackers.md, "Settled creates"). */
export const unsettled = (result: { readonly settled: boolean }): string =>
  result.settled ? '' : ' (provisional: only one tracker has it so far)';
