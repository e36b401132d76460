import { useNavigate, useSearch } from '@tanstack/react-router';
import { type SyntheticEvent, useState } from 'react';
import { answered, api, rememberCsrfToken } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';
import { Button, TextField } from '../design/controls.tsx';

/** Who one is. */
export function LoginPage() {
  const { from } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const signIn = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const { csrf_token: token } = await answered(api.POST('/api/login/', { body: { email, password } }));
      rememberCsrfToken(token);
      queryClient.clear();
      await navigate({ href: from ?? '/', replace: true });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="page narrow">
      <form className="card stack door" onSubmit={(event) => void signIn(event)}>
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
          {problem}
        </p>
        <Button look="primary" type="submit" isDisabled={isBusy}>
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
