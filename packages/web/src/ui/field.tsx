import { type ComponentProps, useId } from 'react';
import { shown } from '../format/shown.ts';

interface Props extends ComponentProps<'input'> {
  readonly label: string;
  readonly hint?: string;
}

export function Field({ label, hint, className = '', ...input }: Props) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="h-9 w-full rounded-md border border-line bg-surface px-3 text-sm placeholder:text-muted"
        {...input}
      />
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** What was wrong, in the client's own sentence. */
export const Refusal = ({ error }: { readonly error: Error | null | undefined }) =>
  error ? (
    <p role="alert" className="mt-3 rounded-md border border-bad/40 bg-bad/5 px-3 py-2 text-sm text-bad">
      {shown(error.message)}
    </p>
  ) : null;
