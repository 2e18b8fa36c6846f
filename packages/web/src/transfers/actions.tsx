import { Gauge, MoreHorizontal, Pause, Play, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../api/commands.ts';
import { bytes } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { LimitDialog } from '../limits/limit-dialog.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { Menu } from '../ui/menu.tsx';
import { notify } from '../ui/notices.tsx';
import { ShellWords, word } from '../ui/shell-words.tsx';
import type { Row } from './rows.ts';

/** What can be done with a transfer now. */
const canPause = ({ state }: Row): boolean => state === 'downloading' || state === 'waiting';
const canResume = ({ download, state }: Row): boolean => download !== null && (state === 'paused' || state === 'error');
export const canCancel = ({ download, state }: Row): boolean => download !== null && state !== 'finished';
const canStopSharing = ({ share }: Row): boolean => share !== null;

export function useTransferCommands() {
  const failed = { onError: (error: Error) => notify(error.message, { bad: true }) };
  const pause = useCommand('pause_download');
  const resume = useCommand('resume_download');
  const target = ({ group, file }: Row) => ({ group, file });
  return {
    pause: (row: Row) => pause.mutate(target(row), failed),
    resume: (row: Row) => resume.mutate(target(row), failed),
    /** Pauses what runs, goes on with what stands. */
    toggle: (row: Row) =>
      canPause(row) ? pause.mutate(target(row), failed) : canResume(row) && resume.mutate(target(row), failed),
  };
}

/** The buttons of one transfer. */
export function TransferActions({ row }: { readonly row: Row }) {
  const [asking, setAsking] = useState<'cancel' | 'stop' | 'limit' | null>(null);
  const commands = useTransferCommands();
  return (
    <>
      {canPause(row) ? (
        <Button onClick={() => commands.pause(row)}>
          <Pause size={14} aria-hidden /> Pause
        </Button>
      ) : null}
      {canResume(row) ? (
        <Button onClick={() => commands.resume(row)}>
          <Play size={14} aria-hidden /> Resume
        </Button>
      ) : null}
      {canStopSharing(row) ? (
        <Button onClick={() => setAsking('stop')}>
          <Square size={14} aria-hidden /> Stop sharing
        </Button>
      ) : null}
      {canCancel(row) ? (
        <Button look="danger" onClick={() => setAsking('cancel')}>
          <Trash2 size={14} aria-hidden /> Cancel
        </Button>
      ) : null}
      <Menu
        trigger={
          <IconButton label={`More for ${shown(row.file)}`}>
            <MoreHorizontal size={16} aria-hidden />
          </IconButton>
        }
        choices={[
          { label: 'Limit its speed', icon: <Gauge size={14} aria-hidden />, onSelect: () => setAsking('limit') },
        ]}
      />
      {asking === 'limit' ? <LimitDialog group={row.group} file={row.file} onClose={() => setAsking(null)} /> : null}
      <CancelDialog row={row} open={asking === 'cancel'} onClose={() => setAsking(null)} />
      <StopDialog row={row} open={asking === 'stop'} onClose={() => setAsking(null)} />
    </>
  );
}

interface AskProps {
  readonly row: Row;
  readonly open: boolean;
  readonly onClose: () => void;
}

export function CancelDialog({ row, open, onClose }: AskProps) {
  const cancel = useCommand('cancel_download', onClose);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Cancel the download of '${row.file}'?`}
      about={`What came in so far (${bytes(row.done)}) is removed from this device. The file stays in the group.`}
    >
      <ShellWords words={`cancel_download ${word(row.group)} ${word(row.file)}`} />
      <Refusal error={cancel.error} />
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button
          look="danger"
          disabled={cancel.isPending}
          onClick={() => cancel.mutate({ group: row.group, file: row.file })}
        >
          Cancel and remove {bytes(row.done)}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function StopDialog({ row, open, onClose }: AskProps) {
  const stop = useCommand('stop_share', onClose);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Stop sharing '${row.file}'?`}
      about="This device no longer offers it. Your file is not touched, other members go on sharing, and you can share it again at any time."
    >
      <ShellWords words={`stop_share ${word(row.group)} ${word(row.file)}`} />
      <Refusal error={stop.error} />
      <DialogActions>
        <Button onClick={onClose}>Go on sharing</Button>
        <Button look="main" disabled={stop.isPending} onClick={() => stop.mutate({ group: row.group, file: row.file })}>
          Stop sharing
        </Button>
      </DialogActions>
    </Dialog>
  );
}
