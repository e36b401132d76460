import type { ReactNode } from 'react';

/** What went wrong with something that was asked for; a screen reader says it at once. */
export function ProblemNotice({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className="notice bad">
      {children}
    </p>
  );
}
