import { useId } from 'react';

/** What somebody typed; both empty or not a number until it is read. */
export interface TypedRate {
  readonly value: string;
  readonly unit: number;
}

const UNITS = [
  [1e3, 'kB/s'],
  [1e6, 'MB/s'],
] as const;
const LEAST_BYTES_PER_SECOND = 16_000;

export const typed = (rate: number | null): TypedRate => {
  if (rate === null) return { value: '', unit: 1e6 };
  const unit = rate % 1e6 === 0 || rate >= 1e7 ? 1e6 : 1e3;
  return { value: String(rate / unit), unit };
};

/** Bytes a second; null: no limit. Undefined where it is no rate that can be set. */
export function readTyped({ value, unit }: TypedRate): number | null | undefined {
  if (value.trim() === '') return null;
  const rate = Math.round(Number(value) * unit);
  return Number.isFinite(rate) && rate >= LEAST_BYTES_PER_SECOND && rate <= 1e12 ? rate : undefined;
}

interface Props {
  readonly label: string;
  readonly rate: TypedRate;
  readonly onChange: (rate: TypedRate) => void;
}

/** A limit: a number and its unit; empty is no limit. */
export function RateField({ label, rate, onChange }: Props) {
  const id = useId();
  const isWrong = readTyped(rate) === undefined;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          type="number"
          min={0}
          step="any"
          placeholder="no limit"
          value={rate.value}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? `${id}-wrong` : undefined}
          onChange={(event) => onChange({ ...rate, value: event.target.value })}
          className="h-9 w-32 rounded-md border border-line bg-surface px-3 text-sm placeholder:text-muted"
        />
        <select
          aria-label={`Unit of: ${label}`}
          value={rate.unit}
          onChange={(event) => onChange({ ...rate, unit: Number(event.target.value) })}
          className="h-9 rounded-md border border-line bg-surface px-2 text-sm"
        >
          {UNITS.map(([unit, name]) => (
            <option key={unit} value={unit}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {isWrong ? (
        <p id={`${id}-wrong`} className="mt-1 text-xs text-bad">
          The least limit is 16 kB/s; to stop a transfer, pause it.
        </p>
      ) : null}
    </div>
  );
}
