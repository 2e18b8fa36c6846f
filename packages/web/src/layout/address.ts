/**
 * The parts of the page's own address, as text. Read from the address itself: the router has decoded what it hands on, but not all of it, and a name may hold `%25`. A part that somebody cut or wrote by
 * hand stands for itself.
 */
export const addressParts = (): string[] => location.pathname.split('/').slice(1).map(textOf);

function textOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
