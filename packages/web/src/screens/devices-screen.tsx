import { useState } from 'react';
import { useCommand, useLook } from '../api/commands.ts';
import { time } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Refusal } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';

const states = { active: 'active', password_needed: 'needs the password', revoked: 'revoked for ever' } as const;

export function DevicesScreen() {
  const devices = useLook('devices', {});
  const [revoking, setRevoking] = useState<{ device: string; label: string } | null>(null);
  const revoke = useCommand('revoke_device', () => setRevoking(null));
  return (
    <>
      <PageHead title="Devices" about="Every machine where you have logged in. A lost one can be put out at once." />
      <div className="px-4 sm:px-6">
        <Refusal error={devices.error} />
        <ul className="max-w-3xl divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {devices.data?.devices.map(({ device, label, added_at, state, online, current }) => (
            <li key={device} className="flex flex-wrap items-center gap-3 px-4 py-3">
              <span aria-hidden className={`size-2 rounded-full ${online ? 'bg-ok' : 'bg-line'}`} />
              <div className="min-w-0 flex-1">
                <div className="truncate font-medium">
                  {shown(label)}
                  {current ? <span className="font-normal text-muted"> (this device)</span> : null}
                </div>
                <div className="text-xs text-muted">
                  <span className="font-mono">{device.slice(0, 8)}</span> · added {time(added_at)} · {states[state]} ·{' '}
                  {online ? 'online' : 'offline'}
                </div>
              </div>
              {state === 'revoked' ? null : (
                <Button look="danger" onClick={() => setRevoking({ device, label })}>
                  Revoke
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
      <Dialog
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${shown(revoking?.label ?? '')}?`}
        about="It is out at once and for ever: its key is never accepted again. Files on it stay there."
      >
        <ShellWords words={commandWords('revoke_device', { device: revoking?.device ?? '' })} />
        <Refusal error={revoke.error} />
        <DialogActions>
          <Button onClick={() => setRevoking(null)}>Keep it</Button>
          <Button
            look="danger"
            disabled={revoke.isPending}
            onClick={() => revoking && revoke.mutate({ device: revoking.device })}
          >
            Revoke
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
