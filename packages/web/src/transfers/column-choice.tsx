import type { VisibilityState } from '@tanstack/react-table';
import { Columns3 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { IconButton } from '../ui/button.tsx';

const choices = {
  size: 'Size',
  progress: 'Progress',
  words: 'Status',
  peers: 'Peers',
  downRate: 'Down',
  upRate: 'Up',
  uploaded: 'Sent',
  availability: 'Available',
  eta: 'Left',
} as const;

interface Props {
  readonly visibility: VisibilityState;
  readonly onChange: (visibility: VisibilityState) => void;
}

export const ColumnChoice = ({ visibility, onChange }: Props) => (
  <DropdownMenu.Root modal={false}>
    <DropdownMenu.Trigger asChild>
      <IconButton label="Choose columns" className="h-9 w-9">
        <Columns3 size={16} aria-hidden />
      </IconButton>
    </DropdownMenu.Trigger>
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        align="end"
        sideOffset={4}
        className="z-40 min-w-40 rounded-lg border border-line bg-raised p-1 shadow-lg"
      >
        {Object.entries(choices).map(([id, label]) => (
          <DropdownMenu.CheckboxItem
            key={id}
            checked={visibility[id] ?? true}
            onCheckedChange={(checked) => onChange({ ...visibility, [id]: checked })}
            onSelect={(event) => event.preventDefault()}
            className="flex cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 text-sm outline-none data-[highlighted]:bg-tint"
          >
            <span className="w-4 text-accent" aria-hidden>
              {(visibility[id] ?? true) ? '✓' : ''}
            </span>
            {label}
          </DropdownMenu.CheckboxItem>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  </DropdownMenu.Root>
);
