import type { ReactNode } from 'react';

/** A part of a screen of settings. */
export const Section = ({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about?: string;
  readonly children: ReactNode;
}) => (
  <section className="rounded-lg border border-line bg-surface p-4">
    <h2 className={`font-medium ${about ? '' : 'mb-3'}`}>{title}</h2>
    {about ? <p className="mt-1 mb-3 text-sm text-muted">{about}</p> : null}
    {children}
  </section>
);
