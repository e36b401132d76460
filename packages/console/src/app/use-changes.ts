import { useEffect } from 'react';
import { personalKey } from '../api/personal-key.ts';
import { queryClient } from '../api/queries.ts';

/** Reads anew what somebody else changed, as soon as the service tells (M184). Without the stream pages are as fresh as their last reading. */
export function useChanges(project: string | undefined): void {
  useEffect(() => {
    // A stream of events brings no key with it.
    if (project === undefined || personalKey() !== null) return undefined;
    const source = new EventSource(`/api/halyard/projects/${encodeURIComponent(project)}/changes/`);
    source.addEventListener('change', () => {
      for (const kind of ['list', 'one', 'history', 'keys']) {
        void queryClient.invalidateQueries({ queryKey: ['flags', project, kind] });
      }
      for (const kind of ['names', 'cohorts', 'early-access', 'plans']) {
        void queryClient.invalidateQueries({ queryKey: [kind, project] });
      }
    });
    return () => source.close();
  }, [project]);
}
