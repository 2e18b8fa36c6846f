/** What tells a transfer from all others: no name of a file holds a slash. */
export const keyOf = (group: string, file: string): string => `${group}/${file}`;

/** The address of its details, behind the filter under which they are seen. */
export const addressOf = ({ group, file }: { readonly group: string; readonly file: string }): string =>
  `${encodeURIComponent(group)}/${encodeURIComponent(file)}`;
