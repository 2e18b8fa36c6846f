import type { ControlResult } from '@peerage/contract';
import { Download, FileText, Folder, MoreHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useCommand, useLook } from '../api/commands.ts';
import { bytes, count } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { ShareButton } from '../share/share-button.tsx';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { addressOf, keyOf } from '../transfers/transfer-key.ts';
import { useRows } from '../transfers/use-rows.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { Refusal } from '../ui/field.tsx';
import { LongList } from '../ui/long-list.tsx';
import { Menu } from '../ui/menu.tsx';
import { GetDialog } from './get-dialog.tsx';

type File = ControlResult<'list_files'>['files'][number];

export function GroupFiles({ group, owner }: { readonly group: string; readonly owner: boolean }) {
  const files = useLook('list_files', { group });
  const me = useLook('whoami', {}).data?.user;
  const rows = useRows();
  const [getting, setGetting] = useState<File | null>(null);
  const [ending, setEnding] = useState<File | null>(null);
  if (!files.data) return <Refusal error={files.error} />;
  if (files.data.files.length === 0) {
    return (
      <Empty icon={<FileText size={28} aria-hidden />} title="No files yet">
        <p>Share the first one. It stays where it is on your disk; members fetch it from you and from one another.</p>
        <ShareButton group={group} />
      </Empty>
    );
  }
  const here = new Map(rows?.map((row) => [row.key, row]));
  return (
    <>
      <LongList
        items={files.data.files}
        keyOf={({ name }) => name}
        linePx={60}
        className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface"
        lineClassName="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5"
      >
        {(file) => {
          const row = here.get(keyOf(group, file.name));
          return (
            <>
              {file.kind === 'folder' ? (
                <Folder size={18} aria-label="folder" className="text-muted" />
              ) : (
                <FileText size={18} aria-label="file" className="text-muted" />
              )}
              <div className="min-w-0 flex-1">
                <div className="truncate font-medium" dir="auto" title={shown(file.name)}>
                  {shown(file.name)}
                </div>
                <div className="truncate text-xs text-muted">
                  {bytes(file.size)}
                  {file.files === null ? '' : ` in ${count(file.files)} files`} · by {shown(file.by)} ·{' '}
                  {file.seeders === 0 ? 'nobody online has all of it' : `${count(file.seeders)} online with all of it`}
                </div>
              </div>
              {file.shared_by_you ? (
                <span className="text-xs text-ok">shared by you</span>
              ) : row ? (
                <Link
                  href={`/transfers/all/${addressOf(row)}`}
                  title={row.words}
                  className="max-w-28 truncate text-xs text-accent underline sm:max-w-60"
                >
                  {row.words}
                </Link>
              ) : (
                <Button onClick={() => setGetting(file)}>
                  <Download size={14} aria-hidden /> Get
                </Button>
              )}
              {owner || file.by === me ? (
                <Menu
                  trigger={
                    <IconButton label={`More for ${shown(file.name)}`}>
                      <MoreHorizontal size={16} aria-hidden />
                    </IconButton>
                  }
                  choices={[
                    {
                      label: 'Remove from the group',
                      icon: <Trash2 size={14} aria-hidden />,
                      danger: true,
                      onSelect: () => setEnding(file),
                    },
                  ]}
                />
              ) : null}
            </>
          );
        }}
      </LongList>
      {getting ? <GetDialog group={group} file={getting} onClose={() => setGetting(null)} /> : null}
      {ending ? <RemoveDialog group={group} file={ending} onClose={() => setEnding(null)} /> : null}
    </>
  );
}

function RemoveDialog({
  group,
  file,
  onClose,
}: {
  readonly group: string;
  readonly file: File;
  readonly onClose: () => void;
}) {
  const remove = useCommand('remove_file', onClose);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Remove '${shown(file.name)}' from ${shown(group)}?`}
      about="The entry ends for everybody in the group. Files on members' disks are not touched."
    >
      <ShellWords words={commandWords('remove_file', { group, file: file.name })} />
      <Refusal error={remove.error} />
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate({ group, file: file.name })}>
          Remove for all
        </Button>
      </DialogActions>
    </Dialog>
  );
}
