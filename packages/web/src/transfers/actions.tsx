import { Gauge, MoreHorizontal, Pause, Play, ShieldCheck, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { LimitDialog } from '../limits/limit-dialog.tsx';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { Menu } from '../ui/menu.tsx';
import { notify } from '../ui/notices.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import type { Row } from './rows.ts';
import { VerifyDialog } from './verify-dialog.tsx';

/** What can be done with a transfer now. */
const canPause = ({ state }: Row): boolean => state === 'downloading' || state === 'waiting';
const canResume = ({ download, state }: Row): boolean => download !== null && (state === 'paused' || state === 'error');
export const canRemove = ({ download }: Row): boolean => download !== null;
const canStopSharing = ({ share }: Row): boolean => share !== null;

const target = ({ group, file }: Row) => ({ group, file });

export function useTransferCommands() {
  const failed = { onError: (error: Error) => notify(error.message, { bad: true }) };
  const pause = useCommand('pause_download');
  const resume = useCommand('resume_download');
  return {
    pause: (row: Row) => pause.mutate(target(row), failed),
    resume: (row: Row) => resume.mutate(target(row), failed),
    /** Pauses what runs, goes on with what stands. */
    toggle: (row: Row) =>
      canPause(row) ? pause.mutate(target(row), failed) : canResume(row) && resume.mutate(target(row), failed),
  };
}

/** A question about one transfer, in a dialog. */
export type Asked = 'remove' | 'stop' | 'limit' | 'verify';

/** The buttons of one transfer. */
export function TransferActions({ row }: { readonly row: Row }) {
  const [asking, setAsking] = useState<Asked | null>(null);
  const commands = useTransferCommands();
  return (
    <>
      {canPause(row) ? (
        <Button onClick={() => commands.pause(row)} title={commandWords('pause_download', target(row))}>
          <Pause size={14} aria-hidden /> Pause
        </Button>
      ) : null}
      {canResume(row) ? (
        <Button onClick={() => commands.resume(row)} title={commandWords('resume_download', target(row))}>
          <Play size={14} aria-hidden /> Resume
        </Button>
      ) : null}
      {canStopSharing(row) ? (
        <Button onClick={() => setAsking('stop')}>
          <Square size={14} aria-hidden /> Stop sharing
        </Button>
      ) : null}
      {canRemove(row) ? (
        <Button look="danger" onClick={() => setAsking('remove')}>
          <Trash2 size={14} aria-hidden /> {row.state === 'finished' ? 'Remove' : 'Cancel'}
        </Button>
      ) : null}
      <Menu
        trigger={
          <IconButton label={`More for ${shown(row.file)}`}>
            <MoreHorizontal size={16} aria-hidden />
          </IconButton>
        }
        choices={[
          { label: 'Verify', icon: <ShieldCheck size={14} aria-hidden />, onSelect: () => setAsking('verify') },
          { label: 'Limit its speed', icon: <Gauge size={14} aria-hidden />, onSelect: () => setAsking('limit') },
        ]}
      />
      <TransferDialog row={row} asked={asking} onClose={() => setAsking(null)} />
    </>
  );
}

interface DialogProps {
  readonly row: Row;
  readonly asked: Asked | null;
  readonly onClose: () => void;
}

export function TransferDialog({ row, asked, onClose }: DialogProps) {
  switch (asked) {
    case 'remove':
      return <RemoveDialog row={row} onClose={onClose} />;
    case 'stop':
      return <StopDialog row={row} onClose={onClose} />;
    case 'limit':
      return <LimitDialog {...target(row)} onClose={onClose} />;
    case 'verify':
      return <VerifyDialog {...target(row)} onClose={onClose} />;
    case null:
      return null;
  }
}

function StopDialog({ row, onClose }: { readonly row: Row; readonly onClose: () => void }) {
  const stop = useCommand('stop_share', onClose);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Stop sharing '${shown(row.file)}'?`}
      about="This device no longer offers it. Your file is not touched, other members go on sharing, and you can share it again at any time."
    >
      <ShellWords words={commandWords('stop_share', target(row))} />
      <Refusal error={stop.error} />
      <DialogActions>
        <Button onClick={onClose}>Go on sharing</Button>
        <Button look="main" disabled={stop.isPending} onClick={() => stop.mutate(target(row))}>
          Stop sharing
        </Button>
      </DialogActions>
    </Dialog>
  );
}
