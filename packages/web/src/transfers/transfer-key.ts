/** What the address of a transfer's details says of it. */
export const keyOf = (group: string, file: string): string =>
  `${encodeURIComponent(group)}/${encodeURIComponent(file)}`;
