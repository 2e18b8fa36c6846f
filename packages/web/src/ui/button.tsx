import type { ComponentProps } from 'react';

const looks = {
  plain: 'border border-line bg-raised text-ink hover:border-muted',
  main: 'bg-accent text-on-accent border border-transparent hover:brightness-110',
  danger: 'border border-bad/40 text-bad hover:bg-bad/10',
  quiet: 'border border-transparent text-muted hover:text-ink hover:bg-line/50',
} as const;

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: keyof typeof looks;
}

export function Button({ look = 'plain', className = '', type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium whitespace-nowrap motion-safe:transition-colors disabled:opacity-50 ${looks[look]} ${className}`}
      {...rest}
    />
  );
}

/** A square button with an icon; `label` is its name for everybody. */
export function IconButton({ label, className = '', ...rest }: ButtonProps & { readonly label: string }) {
  return <Button look="quiet" aria-label={label} title={label} className={`w-8 px-0 ${className}`} {...rest} />;
}
