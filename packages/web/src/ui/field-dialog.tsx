import type { ComponentProps, FormEvent, ReactNode } from 'react';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';
import { Field, Refusal } from './field.tsx';

interface Props {
  readonly title: string;
  readonly about: string;
  readonly field: ComponentProps<typeof Field>;
  /** The shell's words for the same. */
  readonly words: string;
  /** What the button says that does it. */
  readonly action: ReactNode;
  readonly isDisabled: boolean;
  readonly error: Error | null;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
}

/** A dialog that asks for one word. */
export function FieldDialog({ title, about, field, words, action, isDisabled, error, onSubmit, onClose }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Dialog open onClose={onClose} title={title} about={about}>
      <form onSubmit={submit}>
        <Field autoFocus required {...field} />
        <Refusal error={error} />
        <div className="mt-4">
          <ShellWords words={words} />
        </div>
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button look="main" type="submit" disabled={isDisabled}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
