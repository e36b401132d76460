import { type SyntheticEvent, useState } from 'react';
import { rememberCsrfToken } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { queryClient } from '../api/queries.ts';

export interface SignIn {
  readonly problem: ApiProblem | null;
  readonly isBusy: boolean;
  readonly submit: (event: SyntheticEvent) => void;
}

/**
 * A form that begins a session.
 *
 * @param send asks for it
 * @param arrive goes on where it has begun; whatever was read before belongs to nobody any more
 */
export function useSignIn(send: () => Promise<{ csrf_token: string }>, arrive: () => Promise<void>): SignIn {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const signIn = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const { csrf_token: token } = await send();
      rememberCsrfToken(token);
      queryClient.clear();
      await arrive();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return {
    problem,
    isBusy,
    submit: (event) => {
      event.preventDefault();
      void signIn();
    },
  };
}
