import { denied, Refusal, StoreError, Transactions, UnknownOutcomeError, UnwritableError } from '@halyard/manage';
import type { HttpRequest, HttpResponse } from '../http/messages.ts';
import type { RequestRecord } from '../http/request-record.ts';
import { ChangeStreams } from './changes/change-streams.ts';
import { managementEndpoints } from './endpoints.ts';
import { Background } from './frame/background.ts';
import { serverError } from './frame/api-error.ts';
import type { CallContext } from './frame/handle-call.ts';
import { KeyLimits } from './frame/key-limits.ts';
import { publicUrl } from './frame/public-url.ts';
import { SignInLimits } from './frame/sign-in-limits.ts';
import { ManagementRouter, writtenRefusal } from './frame/router.ts';
import type { Services } from './frame/services.ts';
import type { Observed } from './observe.ts';
import type { ManagementOptions } from './options.ts';

/** The management API, opened. */
export interface ManagementApi {
  /** Never rejects. */
  answer(request: HttpRequest, record: RequestRecord): Promise<HttpResponse>;
  /** Ends answers that would go on for ever; from now on there are none. */
  endStreams(): void;
  close(): Promise<void>;
}

/** Opens the management API. Nothing is connected before the first request. */
export function openManagementApi(options: ManagementOptions, observed: Observed): ManagementApi {
  const database = new Transactions(options.databaseUrl, {
    size: options.connections,
    belongsToPostHog: options.belongsToPostHog,
  });
  const background = new Background(options.onError);
  const { clock, compiled, recompiled, persons, definitionsWritten, secrets, sampleAfterMs = 3_000 } = options;
  const { recent, traffic } = observed;
  const streams = new ChangeStreams({ database, subscribe: options.onTeamChange });
  const services: Services = {
    database,
    clock,
    compiled,
    recompiled,
    persons,
    sampleAfterMs,
    definitionsWritten,
    recent,
    traffic,
    streams,
    secrets,
    background,
    signIn: new SignInLimits(database),
    writes: async () => (await context()).writes,
  };
  const answerError = (error: unknown): HttpResponse => writtenRefusal(refusalOf(error, options.onError));
  const router = new ManagementRouter(managementEndpoints, options.version, answerError);
  const keyLimits = new KeyLimits(options.keyRates, database);
  // What has been found out once stays so; while the database is away it is asked again.
  let known: boolean | undefined;
  const context = async (): Promise<CallContext> => {
    known ??= await options.belongsToPostHog();
    const { readOnly, keysInQuery, onPostHog, posthogUrl } = options;
    return {
      services,
      credentials: { database, clock, keysInQuery, readOnly, sessions: !known },
      // A database of PostHog's has no table for it.
      countKey: (teamId) => keyLimits.count(teamId, known === false && !readOnly),
      writes: { belongsToPostHog: known, onPostHog, posthogUrl, readOnly },
    };
  };
  return {
    answer: async (request, record) => {
      try {
        const url = publicUrl(request.url, request.headers, options);
        const unrouted = { request, url, address: record.clientAddress };
        return coded(await router.answer(unrouted, await context()), record);
      } catch (error) {
        return coded(answerError(error), record);
      }
    },
    endStreams: () => streams.close(),
    close: async () => {
      streams.close();
      await background.close();
      await database.close();
    },
  };
}

/** Errors as callers may see them: of stores and faults they learn nothing but that it was not them. */
function refusalOf(error: unknown, onError: (error: unknown) => void): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof UnwritableError) {
    const { message, field } = error;
    return field === null ? denied(message, 'not_writable') : Refusal.invalid('unsupported', message, field);
  }
  onError(error);
  if (!(error instanceof StoreError) || error.kind === 'query' || error.kind === 'foreign_key') {
    return serverError(500, 'A server error occurred.');
  }
  if (error instanceof UnknownOutcomeError) {
    return serverError(503, 'The connection to the database broke at the end: look whether the change was made.');
  }
  return serverError(503, 'The database cannot be reached, or is too busy. Nothing was changed.');
}

/** Notes in the log why a request was refused. */
function coded(response: HttpResponse, record: RequestRecord): HttpResponse {
  if (response.status >= 400) record.errorCode = `management_${response.status}`;
  return response;
}
