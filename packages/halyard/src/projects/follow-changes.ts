import { listenForChanges } from '@halyard/data';
import type { ProjectRegistry } from './project-registry.ts';

export interface FollowOptions {
  /** Of the database that announces changes: the non-persons writer. */
  readonly url: string;
  /** Whether its schema announces them: only then may looks become rare. Asked whenever listening begins. */
  readonly announcesChanges: () => Promise<boolean>;
  /** Told why notices do not arrive; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Tells the registry of every change that the database announces, and whether it announces any.
 *
 * @throws {Error} for a URL that cannot be used
 */
export function followChanges(registry: ProjectRegistry, options: FollowOptions): { close(): Promise<void> } {
  const { url, announcesChanges, onError } = options;
  let turn = 0;
  const begin = async (mine: number): Promise<void> => {
    try {
      const does = await announcesChanges();
      if (turn === mine) registry.setListening(does);
    } catch (error) {
      onError(error);
    }
  };
  return listenForChanges({
    url,
    onChange: (teamId) => registry.invalidate(teamId),
    onState: (listening) => {
      turn++;
      if (listening) void begin(turn);
      else registry.setListening(false);
    },
    onError,
  });
}
