import { shown } from '../format/shown.ts';
import { Dialog } from '../ui/dialog.tsx';
import { LimitForm } from './limit-form.tsx';
import { useLimits } from './use-limits.ts';

interface Props {
  readonly group: string;
  readonly file: string;
  readonly onClose: () => void;
}

/** What one transfer may receive and send. */
export function LimitDialog({ group, file, onClose }: Props) {
  const limits = useLimits();
  const own = limits?.downloads.find((known) => known.group === group && known.file === file);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Limit '${shown(file)}'`}
      about="For this transfer alone, within the limits of the whole client. Empty: no limit of its own."
    >
      {limits ? <LimitForm limits={own ?? { up: null, down: null }} target={{ group, file }} onDone={onClose} /> : null}
    </Dialog>
  );
}
