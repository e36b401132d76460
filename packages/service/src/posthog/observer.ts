import type { Evaluation, EvaluationRequest } from 'halyard/host';
import type { Project } from './ports.ts';

/** Hears what `/flags` is asked and answers, for the people who manage flags (M194, M195). Never throws, writes nothing, and nobody waits for it. */
export interface Observer {
  /** @param bytes of the body as it came */
  asked(project: Project, request: EvaluationRequest, bytes: number): void;
  answered(project: Project, evaluation: Evaluation): void;
}
