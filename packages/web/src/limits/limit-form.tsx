import { type FormEvent, useState } from 'react';
import { useCommand } from '../api/commands.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { RateField, readTyped, typed } from './rate-field.tsx';
import type { Change, Limits, LimitTarget } from './use-limits.ts';

interface Props {
  readonly limits: Limits;
  readonly target: LimitTarget;
  readonly onDone: () => void;
}

/** What may be received and sent, by the client or by one transfer. */
export function LimitForm({ limits, target, onDone }: Props) {
  const [down, setDown] = useState(typed(limits.down));
  const [up, setUp] = useState(typed(limits.up));
  const limit = useCommand('limit');
  const rates = { down: readTyped(down), up: readTyped(up) };
  const changes = (['down', 'up'] as const).flatMap((what): Change[] => {
    const rate = rates[what];
    return rate === undefined || rate === limits[what] ? [] : [{ what, rate }];
  });
  const isRight = rates.down !== undefined && rates.up !== undefined;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    for (const change of changes) await limit.mutateAsync({ change, ...target });
    onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event).catch(() => undefined /* shown below */)} className="space-y-3">
      <div className="flex flex-wrap gap-x-6 gap-y-3">
        <RateField label="Down" rate={down} onChange={setDown} />
        <RateField label="Up" rate={up} onChange={setUp} />
      </div>
      {changes.map((change) => (
        <ShellWords key={change.what} words={commandWords('limit', { change, ...target })} />
      ))}
      <Refusal error={limit.error} />
      <DialogActions>
        <Button type="submit" look="main" disabled={!isRight || changes.length === 0 || limit.isPending}>
          Set the limits
        </Button>
      </DialogActions>
    </form>
  );
}
