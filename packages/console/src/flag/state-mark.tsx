import type { FlagFields } from './flag.ts';

type State = 'on' | 'off' | 'archived' | 'deleted';

export function stateOf({ active, archived, deleted }: Pick<FlagFields, 'active' | 'archived' | 'deleted'>): State {
  if (deleted) return 'deleted';
  if (archived) return 'archived';
  return active ? 'on' : 'off';
}

const words: Readonly<Record<State, string>> = { on: 'On', off: 'Off', archived: 'Archived', deleted: 'Deleted' };

/** Whether a flag is on: by word, shape and colour (K41). */
export function StateMark({ flag }: { readonly flag: Pick<FlagFields, 'active' | 'archived' | 'deleted'> }) {
  const state = stateOf(flag);
  return (
    <span className={`state ${state}`}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {state === 'on' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
        {state === 'off' && <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />}
        {state === 'archived' && (
          <rect x="1.5" y="3" width="9" height="6" rx="1" fill="none" stroke="currentColor" strokeWidth="1.5" />
        )}
        {state === 'deleted' && <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="1.75" />}
      </svg>
      {words[state]}
    </span>
  );
}
