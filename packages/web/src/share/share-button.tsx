import type { ControlResult, PeerageError, Progress } from '@peerage/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { control } from '../api/control.ts';
import { sendDropped } from '../api/drop.ts';
import { bytes } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { noteCommand } from '../shell/last-command.tsx';
import { ShellWords } from '../shell/shell-words.tsx';
import { Bar } from '../ui/bar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import { FolderBrowser } from './folder-browser.tsx';

export function ShareButton({ group }: { readonly group: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="main" onClick={() => setOpen(true)}>
        <Upload size={15} aria-hidden /> Share
      </Button>
      {open ? <ShareDialog group={group} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

type Source = { readonly path: string } | { readonly dropped: File };
type Shared = ControlResult<'upload_file'>;

function ShareDialog({ group, onClose }: { readonly group: string; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [path, setPath] = useState<string | null>(null);
  const [step, setStep] = useState<{ what: string; done: number; total: number } | null>(null);
  const stop = useRef<AbortController>(undefined);
  const share = useMutation<Shared, PeerageError, Source>({
    async mutationFn(source) {
      stop.current = new AbortController();
      const { signal } = stop.current;
      const from =
        'path' in source
          ? source.path
          : await sendDropped(source.dropped, signal, (done) =>
              setStep({ what: 'copying to this machine', done, total: source.dropped.size }),
            );
      const params = { path: from, group, cwd: '/' };
      const shared = await control.call('upload_file', params, {
        signal,
        onProgress: ({ what, doneBytes, totalBytes }: Progress) =>
          setStep({ what, done: doneBytes, total: totalBytes }),
      });
      noteCommand(commandWords('upload_file', params));
      return shared;
    },
    onSuccess({ name }) {
      void queries.invalidateQueries();
      notify(`${name} is shared in ${group}`);
      onClose();
    },
    onSettled: () => setStep(null),
  });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file && !share.isPending) share.mutate({ dropped: file });
  };
  const close = () => {
    stop.current?.abort();
    onClose();
  };
  return (
    <Dialog
      open
      wide
      onClose={close}
      title={`Share in ${shown(group)}`}
      about="Choose a file or folder of the machine that runs your client, or drop a file here. It stays where it is; members fetch it from you."
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a place to drop files; everything in it can be done by keyboard too */}
      <div onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <FolderBrowser choose="any" chosen={path} onChoose={setPath} />
      </div>
      {step ? (
        <div className="mt-4">
          <p className="mb-1 text-sm text-muted" aria-live="polite">
            {step.what}: {bytes(step.done)} of {bytes(step.total)}
          </p>
          <Bar done={step.done} size={step.total} colour="accent" label={step.what} />
        </div>
      ) : null}
      <Refusal error={share.error} />
      <DialogActions>
        <div className="min-w-0 basis-full">
          <ShellWords words={commandWords('upload_file', { path: path ?? 'path', group, cwd: '/' })} />
        </div>
        <Button onClick={close}>{share.isPending ? 'Stop' : 'Not now'}</Button>
        <Button look="main" disabled={path === null || share.isPending} onClick={() => path && share.mutate({ path })}>
          Share it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
