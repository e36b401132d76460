import { focusPlace, placeWords, type Problem } from './places.ts';

interface ProblemListProps {
  readonly problems: readonly Problem[];
  /** Clears the way, where the fields are behind something. */
  readonly onGo?: () => void;
}

/** Everything that keeps a draft from being saved, each with a way to its field (K39). */
export function ProblemList({ problems, onGo }: ProblemListProps) {
  if (problems.length === 0) return null;
  const go = (place: string): void => {
    onGo?.();
    // A dialog that closes gives the focus back first.
    if (onGo === undefined) focusPlace(place);
    else setTimeout(() => focusPlace(place), 50);
  };
  return (
    <section className="notice bad" aria-label="What keeps it from being saved" role="status">
      <ul className="warnings">
        {problems.map(({ place, text }) => (
          <li key={`${place} ${text}`}>
            {place !== '' && (
              <>
                <button type="button" className="link" onClick={() => go(place)}>
                  {placeWords(place)}
                </button>
                {': '}
              </>
            )}
            {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
