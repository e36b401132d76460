import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useSignIn } from '../app/use-sign-in.ts';
import { Button, TextField } from '../design/controls.tsx';

/** Who one is. */
export function LoginPage() {
  const { from } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { problem, isBusy, submit } = useSignIn(
    () => api.POST('/api/login/', { body: { email, password } }),
    () => navigate({ href: from ?? '/', replace: true }),
  );
  return (
    <main className="page narrow">
      <form className="card stack door" onSubmit={submit}>
        <h1>Sign in to Halyard</h1>
        <TextField
          label="E-mail"
          type="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          autoFocus
          isRequired
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
        />
        <p role="alert" className="error">
          {problem?.message}
        </p>
        <Button look="primary" type="submit" isPending={isBusy}>
          {isBusy ? 'Signing in …' : 'Sign in'}
        </Button>
        <p className="hint">
          No user yet, or the password is gone? On the machine of the service: <code>halyard user create</code> and{' '}
          <code>halyard user reset-password</code>.
        </p>
      </form>
    </main>
  );
}
