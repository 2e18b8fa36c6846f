import type { ControlResult } from '@peerage/contract';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand } from '../api/commands.ts';
import { bytes } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { FolderBrowser } from '../share/folder-browser.tsx';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { addressOf } from '../transfers/transfer-key.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { FileChoice } from './file-choice.tsx';

interface Props {
  readonly group: string;
  readonly file: ControlResult<'list_files'>['files'][number];
  readonly onClose: () => void;
}

/** Where to put it, then it comes in the background. */
export function GetDialog({ group, file, onClose }: Props) {
  const [folder, setFolder] = useState<string | null>(null);
  /** Of a folder: the files that are wanted; null: all. */
  const [only, setOnly] = useState<readonly string[] | null>(null);
  const [, go] = useLocation();
  const download = useCommand('download_file', () => {
    onClose();
    go(`/transfers/all/${addressOf({ group, file: file.name })}`);
  });
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Get '${shown(file.name)}'`}
      about={`${bytes(file.size)}. Choose the folder to put it in; a file that is already there is never overwritten.`}
    >
      {file.kind === 'folder' ? <FileChoice group={group} folder={file.name} only={only} onChange={setOnly} /> : null}
      <FolderBrowser choose="folder" chosen={folder} onChoose={setFolder} />
      <Refusal error={download.error} />
      <DialogActions>
        <div className="min-w-0 basis-full">
          <ShellWords
            words={commandWords('download_file', {
              group,
              file: file.name,
              destination: folder ?? 'folder',
              cwd: '/',
              only: [...(only ?? [])],
            })}
          />
        </div>
        <Button onClick={onClose}>Not now</Button>
        <Button
          look="main"
          disabled={folder === null || only?.length === 0 || download.isPending}
          onClick={() =>
            folder &&
            download.mutate({ group, file: file.name, destination: folder, cwd: '/', ...(only && { only: [...only] }) })
          }
        >
          Get it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
