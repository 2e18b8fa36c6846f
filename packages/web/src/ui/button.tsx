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

const base =
  'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md text-sm font-medium whitespace-nowrap motion-safe:transition-colors disabled:opacity-50';

export const Button = ({ look = 'plain', className = '', type = 'button', ...rest }: ButtonProps) => (
  <button type={type} className={`${base} px-3 ${looks[look]} ${className}`} {...rest} />
);

interface IconButtonProps extends ComponentProps<'button'> {
  /** Its name for everybody. */
  readonly label: string;
}

/** A square button with an icon. */
export const IconButton = ({ label, className = '', ...rest }: IconButtonProps) => (
  <button
    type="button"
    aria-label={label}
    title={label}
    className={`${base} w-8 ${looks.quiet} ${className}`}
    {...rest}
  />
);
