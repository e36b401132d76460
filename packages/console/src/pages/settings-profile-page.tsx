import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, api } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { meQuery, queryClient } from '../api/queries.ts';
import { Button, TextField } from '../design/controls.tsx';
import { useConfirmed } from '../settings/confirmed.tsx';
import { ShortcutsSwitch } from '../shortcuts/shortcuts-switch.tsx';

/** One's own name and password, and what this browser keeps. */
export function SettingsProfilePage() {
  const { data: me } = useSuspenseQuery(meQuery);
  return (
    <div className="stack halves">
      <NameForm key={me.uuid} first={me.first_name} last={me.last_name} email={me.email} />
      <PasswordForm />
      <section className="card stack" aria-label="This browser">
        <h2>This browser</h2>
        <ShortcutsSwitch />
        <p className="quiet">
          Press <kbd>?</kbd> for what they do.
        </p>
      </section>
    </div>
  );
}

function useSaving(): {
  readonly problem: ApiProblem | null;
  readonly said: string;
  readonly isBusy: boolean;
  readonly save: (work: () => Promise<boolean>) => Promise<void>;
} {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [said, setSaid] = useState('');
  const [isBusy, setBusy] = useState(false);
  const save = async (work: () => Promise<boolean>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    setSaid('');
    try {
      if (await work()) setSaid('Saved.');
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return { problem, said, isBusy, save };
}

interface NameFormProps {
  readonly first: string;
  readonly last: string;
  readonly email: string;
}

function NameForm({ first, last, email }: NameFormProps) {
  const [firstName, setFirstName] = useState(first);
  const [lastName, setLastName] = useState(last);
  const { problem, said, isBusy, save } = useSaving();
  const isChanged = firstName !== first || lastName !== last;
  return (
    <form
      className="card stack"
      aria-label="Name"
      onSubmit={(event) => {
        event.preventDefault();
        void save(async () => {
          await answered(api.PATCH('/api/users/@me/', { body: { first_name: firstName, last_name: lastName } }));
          await queryClient.invalidateQueries({ queryKey: ['me'] });
          return true;
        });
      }}
    >
      <h2>Name</h2>
      <p className="quiet">{email}</p>
      <TextField label="First name" autoComplete="given-name" value={firstName} onChange={setFirstName} />
      <TextField label="Last name" autoComplete="family-name" value={lastName} onChange={setLastName} />
      {problem !== null && (
        <p role="alert" className="error">
          {problem.message}
        </p>
      )}
      <div className="row">
        <Button type="submit" isPending={isBusy} isDisabled={!isChanged}>
          Save name
        </Button>
        <span role="status" className="quiet">
          {said}
        </span>
      </div>
    </form>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { problem, said, isBusy, save } = useSaving();
  const { run, dialog } = useConfirmed();
  const at = (attr: string): string | null => (problem?.attr === attr ? problem.message : null);
  return (
    <form
      className="card stack"
      aria-label="Password"
      onSubmit={(event) => {
        event.preventDefault();
        void save(async () => {
          const body = { current_password: current, password: next };
          const done = await run(() => answered(api.PATCH('/api/users/@me/', { body })));
          if (done === null) return false;
          setCurrent('');
          setNext('');
          return true;
        });
      }}
    >
      <h2>Password</h2>
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
        error={at('current_password')}
      />
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        value={next}
        onChange={setNext}
        error={at('password')}
      />
      {problem !== null && problem.attr === null && (
        <p role="alert" className="error">
          {problem.message}
        </p>
      )}
      <div className="row">
        <Button type="submit" isPending={isBusy} isDisabled={current === '' || next === ''}>
          Change password
        </Button>
        <span role="status" className="quiet">
          {said}
        </span>
      </div>
      {dialog}
    </form>
  );
}
