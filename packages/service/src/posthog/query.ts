import { Failure } from './wire/failure.ts';

/** How the query says the body is packed; gzip-js is the same as gzip (H20). */
export type Compression = 'gzip' | 'base64' | 'unsupported';

/** Query parameters of `/flags` (H20). */
export interface FlagsQuery {
  readonly version: number | undefined;
  readonly config: boolean | undefined;
  readonly compression: Compression | undefined;
  readonly libVersion: string | undefined;
  readonly onlySurveyFlags: boolean;
  /** The client's clock, in milliseconds since the epoch. */
  readonly sentAt: number | undefined;
  /** Internal requests only (H150). */
  readonly detailedAnalysis: boolean;
  readonly onlyOverrideProperties: boolean;
}

/** Reads a query string without its question mark (H20–H22). */
export function parseFlagsQuery(search: string): FlagsQuery | Failure {
  return search === 'v=2' ? VERSION_2 : parse(search);
}

/** What nearly every SDK sends (H240). */
const VERSION_2: FlagsQuery = {
  version: 2,
  config: undefined,
  compression: undefined,
  libVersion: undefined,
  onlySurveyFlags: false,
  sentAt: undefined,
  detailedAnalysis: false,
  onlyOverrideProperties: false,
};

function parse(search: string): FlagsQuery | Failure {
  const parameters = new URLSearchParams(search);
  const either = (name: string, alias: string): string | undefined =>
    parameters.get(name) ?? parameters.get(alias) ?? undefined;
  const sentAt = either('sent_at', '_');
  if (sentAt !== undefined && sentAt !== '' && !INTEGER.test(sentAt)) {
    return new Failure('query_invalid', 'The query parameter "sent_at" must be milliseconds since 1970.');
  }
  return {
    version: integer(either('v', 'version')),
    config: boolean(parameters.get('config')),
    compression: compression(parameters.get('compression')),
    libVersion: either('lib_version', 'ver'),
    onlySurveyFlags: boolean(parameters.get('only_evaluate_survey_feature_flags')) === true,
    sentAt: sentAt === undefined || sentAt === '' ? undefined : Number(sentAt),
    detailedAnalysis: boolean(parameters.get('detailed_analysis')) === true,
    onlyOverrideProperties: boolean(parameters.get('only_use_override_person_properties')) === true,
  };
}

const INTEGER = /^[+-]?\d+$/;
const MAX_VERSION = 2 ** 31 - 1;

/** Text that is no integer counts as 1, empty text as absent. */
function integer(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = INTEGER.test(text) ? Number(text) : 1;
  return Math.abs(value) > MAX_VERSION ? 1 : value;
}

/** H21. */
function boolean(text: string | null): boolean | undefined {
  if (text === null) return undefined;
  return !['false', '0', 'no', 'off'].includes(text.toLowerCase());
}

function compression(text: string | null): Compression | undefined {
  switch (text?.toLowerCase()) {
    case undefined:
    case '':
      return undefined;
    case 'gzip':
    case 'gzip-js':
      return 'gzip';
    case 'base64':
      return 'base64';
    default:
      return 'unsupported';
  }
}
