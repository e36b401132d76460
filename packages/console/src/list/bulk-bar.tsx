import { useState } from 'react';
import { Button } from '../design/controls.tsx';
import type { BulkAction } from './bulk-dialog.tsx';
import { matchingIds } from './list-queries.ts';
import type { FlagListWish } from './list-wish.ts';

interface BulkBarProps {
  readonly project: string;
  readonly wish: FlagListWish;
  /** How many the list holds on all its pages. */
  readonly count: number;
  readonly chosen: ReadonlySet<number>;
  readonly onChosen: (chosen: ReadonlySet<number>) => void;
  readonly onAction: (action: BulkAction) => void;
}

/** So many can be changed at once (M99, M186). */
const MOST = 500;

/** What can be done to the flags that are chosen; it is shown while there are any. */
export function BulkBar({ project, wish, count, chosen, onChosen, onAction }: BulkBarProps) {
  const [problem, setProblem] = useState<string | null>(null);
  if (chosen.size === 0) return null;
  const chooseAll = async (): Promise<void> => {
    try {
      const ids = await matchingIds(project, wish);
      onChosen(new Set(ids.slice(0, MOST)));
      setProblem(ids.length > MOST ? `${MOST} flags can be changed at once: the newest are selected.` : null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="bulk-bar" role="region" aria-label="Selected flags">
      <strong role="status">{chosen.size === 1 ? '1 flag selected' : `${chosen.size} flags selected`}</strong>
      <div className="row wrap tight">
        <Button onPress={() => onAction('tag')}>Tag …</Button>
        <Button onPress={() => onAction('archive')}>Archive …</Button>
        <Button look="danger" onPress={() => onAction('delete')}>
          Delete …
        </Button>
      </div>
      <div className="row wrap tight end">
        {count > chosen.size && (
          <Button look="plain" onPress={() => void chooseAll()}>
            Select all {count > MOST ? MOST : count}
          </Button>
        )}
        <Button look="plain" onPress={() => onChosen(new Set())}>
          Clear selection
        </Button>
      </div>
      {problem !== null && <p className="quiet small">{problem}</p>}
    </div>
  );
}
