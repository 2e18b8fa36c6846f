import type { ReactNode } from 'react';

export const PageHead = ({
  title,
  about,
  children,
}: {
  readonly title: ReactNode;
  readonly about?: ReactNode;
  readonly children?: ReactNode;
}) => (
  <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-4 pb-3 sm:px-6">
    <div className="min-w-0 grow basis-44">
      <h1 className="truncate text-lg font-semibold">{title}</h1>
      {about ? <p className="text-sm break-words text-muted">{about}</p> : null}
    </div>
    <div className="flex flex-wrap items-center gap-2">{children}</div>
  </header>
);
