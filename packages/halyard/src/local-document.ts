import type { ProjectDefinitions } from '@halyard/data';
import { toLocalEvaluation } from '@halyard/engine';

/** The text of the document from which SDKs evaluate by themselves (H172), in pieces of some milliseconds. */
export function localDocument({ project, definitions }: Pick<ProjectDefinitions, 'project' | 'definitions'>) {
  const minimalFlagCalledEvents = project.settings['minimal_flag_called_events'] === true;
  return toLocalEvaluation(definitions, { minimalFlagCalledEvents });
}
