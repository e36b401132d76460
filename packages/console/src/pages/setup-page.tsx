import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answered, api } from '../api/client.ts';
import { useSignIn } from '../app/use-sign-in.ts';
import { Button, TextField } from '../design/controls.tsx';

/** The secret of the link that the first start prints: behind `#`, which no log and no proxy sees. */
function secretOfLink(): string {
  return decodeURIComponent(globalThis.location.hash.slice(1));
}

/** The first user (K71). */
export function SetupPage() {
  const navigate = useNavigate();
  const [secret] = useState(secretOfLink);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { problem, isBusy, submit } = useSignIn(
    () => answered(api.POST('/api/halyard/setup/', { body: { secret, email, password } })),
    () => navigate({ to: '/', replace: true }),
  );
  const at = (attr: string): string | null => (problem?.attr === attr ? problem.message : null);
  return (
    <main className="page narrow">
      <form className="card stack door" onSubmit={submit}>
        <h1>The first user</h1>
        <p>Owns every organization, and can let others in.</p>
        {secret === '' && (
          <p className="notice warn">
            This address lacks its secret. Take the whole link that the service printed at its start; a new start prints
            a new one.
          </p>
        )}
        <TextField
          label="E-mail"
          type="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          error={at('email')}
          autoFocus
          isRequired
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          error={at('password')}
          isRequired
        />
        <p role="alert" className="error">
          {problem !== null && at('email') === null && at('password') === null ? problem.message : ''}
        </p>
        <Button look="primary" type="submit" isPending={isBusy} isDisabled={secret === ''}>
          Begin
        </Button>
      </form>
    </main>
  );
}
