import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import {
  type Definitions,
  type EvaluationRequest,
  explanationText,
  type FlagExplanation,
  flagSentence,
  namesOf,
  type OpenProjects,
} from 'halyard/host';
import { openDatabase } from '../operate/database.ts';
import { createLog } from '../operate/log/logger.ts';
import { openLoggedProjects } from '../projects.ts';
import { readFields } from '../posthog/request-fields.ts';
import type { Settings } from '../operate/settings/table.ts';
import { Failure } from '../posthog/wire/failure.ts';
import type { Io } from './io.ts';
import { nearest } from '../nearest.ts';
import { UserError } from './problem-line.ts';
import type { ExplainOptions } from './program.ts';

/** `halyard explain`: says how a flag comes to its value. Writes nothing. */
export async function explain(settings: Settings, options: ExplainOptions, io: Io): Promise<void> {
  const request = requestOf(options);
  const log = createLog('error', 2);
  const database = await openDatabase(settings, { join: true, logger: log.logger, onProgress: () => undefined });
  try {
    await database.migrate();
    const projects = openLoggedProjects(database.urls, log);
    try {
      const token = options.token ?? (await onlyToken(projects));
      const explanation = await explained(projects, token, options, request);
      const sentence = sentenceOf(await projects.definitions(token), options.flag);
      io.print(
        options.json === true
          ? `${JSON.stringify({ ...explanation, sentence }, null, 2)}\n`
          : `${explanationText(explanation)}\nIts definition: ${sentence}\n`,
      );
    } finally {
      await projects.close();
    }
  } finally {
    await database.close();
    log.flush();
  }
}

/** What the flag does for whom, in a sentence (K32). */
function sentenceOf(definitions: Definitions | null, key: string): string {
  const row = definitions?.flags.find((flag) => isObject(flag) && member(flag, 'key') === key);
  return definitions === null || row === undefined ? 'Deleted.' : flagSentence(row, namesOf(definitions));
}

async function explained(
  projects: OpenProjects,
  token: string,
  options: ExplainOptions,
  request: EvaluationRequest,
): Promise<FlagExplanation> {
  const project = await projects.registry.byToken(token);
  if (project === null) throw new UserError(`There is no project with the token ${token}.`);
  const explanation = await project.explainFlag(options.flag, request);
  if (explanation.excluded === 'unknown') {
    const meant = nearest(options.flag, project.program.flagKeys);
    const hint = meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`;
    throw new UserError(`There is no flag ${options.flag} in the project with the token ${token}.${hint}`);
  }
  return explanation;
}

async function onlyToken(projects: OpenProjects): Promise<string> {
  const [first, ...others] = await projects.list();
  if (first === undefined) throw new UserError('There is no project yet. Load definitions with: halyard import FILE.');
  if (others.length > 0) {
    const tokens = [first, ...others].map(({ token }) => token);
    throw new UserError(`There are several projects. Say which: --token ${tokens.join(' or --token ')}.`);
  }
  return first.token;
}

/** The options go through the same checks as a request body. */
function requestOf(options: ExplainOptions): EvaluationRequest {
  const body: Record<string, JsonValue | undefined> = {
    distinct_id: options.distinctId,
    groups: options.groups,
    person_properties: options.personProperties,
    group_properties: options.groupProperties,
    device_id: options.deviceId,
    anon_distinct_id: options.anonDistinctId,
  };
  const present = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const fields = readFields(present as JsonObject);
  if (fields instanceof Failure) throw new UserError(fields.detail);
  return {
    distinctId: fields.distinctId ?? '',
    now: options.at ?? Date.now(),
    groups: fields.groups,
    personProperties: fields.personProperties,
    groupProperties: fields.groupProperties,
    deviceId: fields.deviceId,
    anonDistinctId: fields.anonDistinctId,
    runtime: options.runtime,
    skipWrites: true,
  };
}
