import type { MakeLinks } from './links.ts';
import { Memberships } from './memberships.ts';
import { mutualTls } from './mutual-tls.ts';
import { TrackerClock } from './tracker-clock.ts';

/** Mutual TLS: the only ones that the product uses. */
export const certifiedLinks: MakeLinks = (onRefused) => {
  const memberships = new Memberships(new TrackerClock(() => performance.now()));
  const transport = mutualTls(memberships, onRefused);
  return { transport, memberships, close: () => transport.close() };
};
