import { useLongCommand } from '../api/long-command.ts';
import { bytes, count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Bar } from '../ui/bar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';

interface Props {
  readonly group: string;
  readonly file: string;
  readonly onClose: () => void;
}

/** Reads everything of a transfer again, and says what was found. */
export function VerifyDialog({ group, file, onClose }: Props) {
  const verify = useLongCommand('verify');
  const { data, progress } = verify;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Verify '${shown(file)}'`}
      about="Reads what is stored again and compares every piece. What is wrong of a download is fetched again; a shared file that was changed is offered no more."
    >
      <ShellWords words={commandWords('verify', { group, file })} />
      <div className="mt-4" aria-live="polite">
        {progress ? (
          <>
            <p className="mb-1 text-sm text-muted">
              read {bytes(progress.doneBytes)} of {bytes(progress.totalBytes)}
            </p>
            <Bar done={progress.doneBytes} size={progress.totalBytes} colour="accent" label="read again" />
          </>
        ) : verify.isPending ? (
          <p className="text-sm text-muted">reading …</p>
        ) : null}
        {data ? (
          <p className={`text-sm ${data.wrong === 0 ? 'text-ok' : 'text-bad'}`}>
            {data.wrong === 0
              ? `${count(data.pieces)} ${data.pieces === 1 ? 'piece' : 'pieces'} read, all right.`
              : `${count(data.wrong)} of ${count(data.pieces)} pieces are wrong: ${shown(data.message ?? '')}`}
          </p>
        ) : null}
      </div>
      <Refusal error={verify.error} />
      <DialogActions>
        <Button onClick={onClose}>{verify.isPending ? 'Stop' : 'Close'}</Button>
        <Button look="main" disabled={verify.isPending} onClick={() => verify.mutate({ group, file })}>
          {data ? 'Verify again' : 'Verify'}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
