import { type JsonObject, jsonText, member } from '@halyard/json';
import { LRUCache } from 'lru-cache';
import { asciiJson } from '../http/ascii-json.ts';
import type { HttpResponse } from '../http/messages.ts';
import { emptyResponse, jsonResponse } from '../http/response.ts';
import type { Route } from '../http/route.ts';
import type { Project, Projects } from './ports.ts';

/** Reads the early access features of a team (D14). Rejects when the store cannot say. */
export type EarlyAccess = (teamId: number) => Promise<readonly JsonObject[]>;

export interface EarlyAccessOptions {
  readonly projects: Projects;
  /** Undefined: nobody has any. */
  readonly earlyAccess: EarlyAccess | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** How long a team's list is answered from memory. Milliseconds. */
const FRESH_MS = 30_000;

/** Teams whose lists are held. */
const MOST_TEAMS = 1_000;

/** What is listed when a request names no stage. */
const USUAL_STAGES = ['beta'];

/** Stages that are not for the public. */
const HIDDEN_STAGES = new Set(['draft', 'archived']);

interface Held {
  readonly readAt: number;
  readonly features: readonly JsonObject[];
}

/**
 * `GET /api/early_access_features/?token=…&stage=…` (H244): what users may enrol in, with the key of the flag that enrolment turns on (E51). The list of a team
 * is read at most every half minute, once for all who wait for it; while the store is away the last one counts.
 */
export function earlyAccessRoute({ projects, earlyAccess, clock }: EarlyAccessOptions): Route {
  const held = new LRUCache<number, Held>({ max: MOST_TEAMS });
  const reading = new Map<number, Promise<readonly JsonObject[]>>();

  const read = (teamId: number, from: EarlyAccess): Promise<readonly JsonObject[]> => {
    const known = held.get(teamId);
    if (known !== undefined && clock() - known.readAt < FRESH_MS) return Promise.resolve(known.features);
    let wanted = reading.get(teamId);
    if (wanted === undefined) {
      wanted = from(teamId)
        .then((features) => {
          held.set(teamId, { readAt: clock(), features });
          return features;
        })
        .catch((error: unknown) => {
          if (known === undefined) throw error;
          held.set(teamId, { ...known, readAt: clock() });
          return known.features;
        })
        .finally(() => reading.delete(teamId));
      reading.set(teamId, wanted);
    }
    return wanted;
  };

  return ({ request, search, record }) => {
    record.routine = true;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return emptyResponse(405, { allow: 'GET, OPTIONS, HEAD' });
    }
    const parameters = new URLSearchParams(search);
    const token = parameters.get('token') ?? '';
    const stages = parameters.getAll('stage');
    const wanted = new Set(stages.length === 0 ? USUAL_STAGES : stages);
    const respond = (project: Project | null): HttpResponse | Promise<HttpResponse> => {
      if (project === null || earlyAccess === undefined) return listResponse([], wanted);
      record.teamId = project.teamId;
      return read(project.teamId, earlyAccess).then((features) => listResponse(features, wanted));
    };
    // An unknown project has no features, and posthog-js no error to report.
    if (token === '') return respond(null);
    const project = projects.byToken(token, record.clientAddress);
    return project instanceof Promise ? project.then(respond) : respond(project);
  };
}

function listResponse(features: readonly JsonObject[], stages: ReadonlySet<string>): HttpResponse {
  const listed = features.filter((feature) => {
    const stage = member(feature, 'stage');
    return typeof stage === 'string' && stages.has(stage) && !HIDDEN_STAGES.has(stage);
  });
  return jsonResponse(asciiJson(jsonText({ earlyAccessFeatures: listed })));
}
