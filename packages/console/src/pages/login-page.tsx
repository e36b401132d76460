import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { answered, api } from '../api/client.ts';
import { keepPersonalKey } from '../api/personal-key.ts';
import { instanceQuery } from '../api/queries.ts';
import { type SignIn, useSignIn } from '../app/use-sign-in.ts';
import { Button, TextField } from '../design/controls.tsx';

/** Who one is: by a password, or by a personal key where the users are PostHog's (K74). */
export function LoginPage() {
  const { data: instance } = useSuspenseQuery(instanceQuery);
  return <main className="page narrow">{instance.sign_in === 'key' ? <KeyForm /> : <PasswordForm />}</main>;
}

/** Goes to where somebody wanted to be. */
function useArrival(): () => Promise<void> {
  const { from } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  return () => navigate({ href: from ?? '/', replace: true });
}

interface SignInFormProps extends SignIn {
  readonly children: ReactNode;
  /** What to do where nothing works. */
  readonly hint?: ReactNode;
}

/** The form around what somebody signs in with. */
function SignInForm({ problem, isBusy, submit, children, hint }: SignInFormProps) {
  return (
    <form className="card stack door" onSubmit={submit}>
      <h1>Sign in to Halyard</h1>
      {children}
      <p role="alert" className="error">
        {problem?.message}
      </p>
      <Button look="primary" type="submit" isPending={isBusy}>
        {isBusy ? 'Signing in …' : 'Sign in'}
      </Button>
      {hint !== undefined && <p className="hint">{hint}</p>}
    </form>
  );
}

const noUserYet = (
  <>
    No user yet, or the password is gone? On the machine of the service: <code>halyard user create</code> and{' '}
    <code>halyard user reset-password</code>.
  </>
);

function PasswordForm() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useSignIn(() => answered(api.POST('/api/login/', { body: { email, password } })), useArrival());
  return (
    <SignInForm {...signIn} hint={noUserYet}>
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
    </SignInForm>
  );
}

function KeyForm() {
  const [key, setKey] = useState('');
  const signIn = useSignIn(async () => {
    keepPersonalKey(key.trim());
    try {
      await answered(api.GET('/api/users/@me/'));
    } catch (error) {
      keepPersonalKey(null);
      throw error;
    }
    return { csrf_token: '' };
  }, useArrival());
  return (
    <SignInForm {...signIn}>
      <p>This is a database of PostHog’s, and so are its users. Come in with a personal API key of yours.</p>
      <TextField
        label="Personal API key"
        type="password"
        autoComplete="off"
        value={key}
        onChange={setKey}
        autoFocus
        isRequired
        hint="From PostHog’s settings; with the scopes that you want to use here, such as feature_flag:read, cohort:read, person:read and user:read. It is kept for this tab alone."
      />
    </SignInForm>
  );
}
