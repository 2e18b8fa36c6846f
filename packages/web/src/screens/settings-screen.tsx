import { type FormEvent, useState } from 'react';
import { useCommand, useLook } from '../api/commands.ts';
import { shown } from '../format/shown.ts';
import { type Theme, useTheme } from '../layout/theme.ts';
import { Lights } from '../layout/tracker-lights.tsx';
import { ClientLimits } from '../limits/client-limits.tsx';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Refusal } from '../ui/field.tsx';
import { notify } from '../ui/notices.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Section } from '../ui/section.tsx';

export function SettingsScreen() {
  const status = useLook('status', {}).data;
  return (
    <>
      <PageHead title="Settings" />
      <div className="max-w-2xl space-y-4 px-4 pb-8 sm:px-6">
        <Section title="Appearance">
          <ThemeChoice />
        </Section>
        <Section title="Speed limits">
          <ClientLimits />
        </Section>
        <Section title="Password">
          <PasswordForm />
        </Section>
        <Section title="This client">
          <dl className="space-y-2 text-sm">
            <dt className="text-xs text-muted">Peers reach it at</dt>
            <dd className="font-mono">{status ? shown(status.listen) : ''}</dd>
            <dt className="text-xs text-muted">Trackers</dt>
            <dd className="space-y-1">{status ? <Lights trackers={status.trackers} /> : null}</dd>
          </dl>
        </Section>
      </div>
    </>
  );
}

const themes = { system: 'As the system', light: 'Light', dark: 'Dark' } as const satisfies Record<Theme, string>;

function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  return (
    <fieldset className="flex flex-wrap gap-4">
      <legend className="sr-only">Colours</legend>
      {(Object.keys(themes) as Theme[]).map((choice) => (
        <label key={choice} className="flex items-center gap-2">
          <input
            type="radio"
            name="theme"
            checked={theme === choice}
            onChange={() => setTheme(choice)}
            className="accent-accent"
          />
          {themes[choice]}
        </label>
      ))}
    </fieldset>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useCommand('passwd', () => {
    setCurrent('');
    setNext('');
    notify('Your password is changed; your other devices have to give the new one');
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ current, next });
  };
  return (
    <form onSubmit={submit} className="max-w-sm space-y-3">
      <Field
        label="Present password"
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        required
      />
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        value={next}
        onChange={(event) => setNext(event.target.value)}
        required
      />
      <Refusal error={change.error} />
      <ShellWords words={commandWords('passwd', { current: '', next: '' })} />
      <Button type="submit" disabled={change.isPending}>
        Change the password
      </Button>
    </form>
  );
}
