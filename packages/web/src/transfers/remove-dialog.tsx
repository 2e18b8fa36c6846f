import { useState } from 'react';
import { useCommand } from '../api/commands.ts';
import { bytes } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import type { Row } from './rows.ts';

interface Props {
  readonly row: Row;
  readonly onClose: () => void;
}

/** Takes a download off the list; whether its data goes as well is another question, and asked as such. */
export function RemoveDialog({ row, onClose }: Props) {
  const isFinished = row.state === 'finished';
  /** Else there is nothing to choose. */
  const hasData = isFinished || row.done > 0;
  // What is complete is worth something by itself; a part of it is not.
  const [withData, setWithData] = useState(!isFinished);
  const cancel = useCommand('cancel_download', ({ left }) => {
    onClose();
    if (left) notify(`${left} files were left: they are not what was fetched any more`, { bad: true });
  });
  // The command's own habit needs no word: partial data goes, a finished file stays.
  const data = withData === isFinished ? (withData ? 'remove' : 'keep') : undefined;
  const name = `'${shown(row.file)}'`;
  return (
    <Dialog
      open
      onClose={onClose}
      title={isFinished ? `Remove ${name} from the list?` : `Cancel the download of ${name}?`}
      about="The file stays in the group, and can be fetched again."
    >
      <fieldset className="mb-4 space-y-2" hidden={!hasData}>
        <legend className="sr-only">What becomes of the data</legend>
        <Choice checked={!withData} onSelect={() => setWithData(false)}>
          {isFinished ? (
            <>Remove it from the list only; the file stays on the disk{row.share ? ' and is shared on' : ''}</>
          ) : (
            <>Keep the {bytes(row.done)} that came in; they are used when you get it to the same place again</>
          )}
        </Choice>
        <Choice checked={withData} onSelect={() => setWithData(true)}>
          {isFinished ? (
            <>
              Remove it and delete {bytes(row.size)} from the disk: {shown(row.where)}
            </>
          ) : (
            <>Delete the {bytes(row.done)} that came in so far</>
          )}
        </Choice>
      </fieldset>
      <ShellWords words={commandWords('cancel_download', { group: row.group, file: row.file, data })} />
      <Refusal error={cancel.error} />
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button
          look="danger"
          disabled={cancel.isPending}
          onClick={() => cancel.mutate({ group: row.group, file: row.file, ...(data && { data }) })}
        >
          {isFinished ? 'Remove' : hasData ? 'Cancel' : 'Cancel the download'}
          {withData && hasData ? ` and delete ${bytes(isFinished ? row.size : row.done)}` : ''}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

const Choice = ({
  checked,
  onSelect,
  children,
}: {
  readonly checked: boolean;
  readonly onSelect: () => void;
  readonly children: React.ReactNode;
}) => (
  <label className="flex items-start gap-2 text-sm break-words">
    <input type="radio" name="data" className="mt-0.5 accent-accent" checked={checked} onChange={onSelect} />
    <span className="min-w-0">{children}</span>
  </label>
);
