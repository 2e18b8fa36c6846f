import { type FormEvent, useState } from 'react';
import { useCommand, useLook } from '../api/commands.ts';
import { Lights } from '../layout/tracker-lights.tsx';
import { commandWords } from '../shell/command-words.ts';
import { ShellWords } from '../shell/shell-words.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Refusal } from '../ui/field.tsx';

export function LoginScreen() {
  const [isNew, setNew] = useState(false);
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const login = useCommand('login');
  const create = useCommand('create_user', () => login.mutate({ user, password }));
  const status = useLook('status', {});
  const busy = login.isPending || create.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.reset();
    create.reset();
    if (isNew) create.mutate({ user, password });
    else login.mutate({ user, password });
  };
  return (
    <main className="flex min-h-full flex-col items-center justify-center p-4">
      <div className="w-full max-w-sm rounded-xl border border-line bg-surface p-6">
        <img src="/icon.svg" alt="" className="mb-4 size-10" />
        <h1 className="text-lg font-semibold">{isNew ? 'Make an account' : 'Log in to Peerage'}</h1>
        <p className="mt-1 mb-5 text-sm text-muted">
          {isNew
            ? 'Your name is how members of your groups see you.'
            : 'What you shared on this device is shared again as soon as you are in.'}
        </p>
        <form onSubmit={submit} className="space-y-4">
          <Field
            label="Name"
            value={user}
            onChange={(event) => setUser(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            {...(isNew ? { hint: '1 to 64 letters, digits, dots, dashes or underscores' } : {})}
          />
          <Field
            label="Password"
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete={isNew ? 'new-password' : 'current-password'}
            required
          />
          <Refusal error={create.error ?? login.error} />
          <Button type="submit" look="main" className="h-9 w-full" disabled={busy}>
            {busy ? 'One moment …' : isNew ? 'Make the account' : 'Log in'}
          </Button>
        </form>
        <div className="mt-4 flex flex-wrap items-center justify-between gap-2">
          <Button look="quiet" className="-ml-3" onClick={() => setNew(!isNew)}>
            {isNew ? 'I have an account' : 'Make an account'}
          </Button>
          <ShellWords words={commandWords(isNew ? 'create_user' : 'login', { user: user || 'name', password: '' })} />
        </div>
      </div>
      <div className="mt-4 flex gap-4 text-xs text-muted">
        {status.data ? <Lights trackers={status.data.trackers} /> : null}
      </div>
    </main>
  );
}
