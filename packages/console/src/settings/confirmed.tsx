import { useCallback, useRef, useState } from 'react';
import { answered, api } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { Button, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';

interface Confirmed {
  /** Does it, and asks for the password first where the service wants it again (M185). Null: it was not given. */
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result | null>;
  /** To be shown on the page. */
  readonly dialog: React.ReactNode;
}

/** For what matters most: the password is asked for again when it was given more than an hour ago. */
export function useConfirmed(): Confirmed {
  const [isAsking, setAsking] = useState(false);
  const answer = useRef<(isRight: boolean) => void>(() => undefined);
  const run = useCallback(async <Result,>(work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'confirmation_required') throw error;
      const isRight = await new Promise<boolean>((resolve) => {
        answer.current = resolve;
        setAsking(true);
      });
      setAsking(false);
      return isRight ? work() : null;
    }
  }, []);
  return {
    run,
    dialog: isAsking ? <PasswordDialog onAnswer={(isRight) => answer.current(isRight)} /> : null,
  };
}

function PasswordDialog({ onAnswer }: { readonly onAnswer: (isRight: boolean) => void }) {
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      await answered(api.POST('/api/halyard/session/confirm/', { body: { password } }));
      onAnswer(true);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Confirm your password"
      isOpen
      onClose={() => onAnswer(false)}
      footer={
        <>
          <Button onPress={() => onAnswer(false)}>Cancel</Button>
          <Button look="primary" isPending={isBusy} isDisabled={password === ''} onPress={() => void confirm()}>
            Confirm
          </Button>
        </>
      }
    >
      <p>You last entered it more than an hour ago.</p>
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={problem}
        autoFocus
      />
    </Dialog>
  );
}
