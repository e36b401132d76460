import { useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import type { Asked } from '../api/queries.ts';

/** For whom a page explains; the id stands in its address as well (K21). */
export function useAsked(): readonly [Asked | null, (next: Asked | null) => void] {
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = useCallback(
    (next: Asked | null) => {
      setAsked(next);
      if (next !== null) void navigate({ to: '.', search: { user: next.distinctId }, replace: true });
    },
    [navigate],
  );
  return [asked, ask];
}
