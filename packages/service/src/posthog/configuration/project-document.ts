import { isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';

/** What a configuration is made of: the team's columns of D7, by name. */
export interface ConfiguredProject {
  readonly token: string;
  readonly settings: JsonObject;
}

/** The configuration of one project, and who may record sessions by it. */
export interface ProjectDocument {
  /** H159, with whatever `sessionRecording` says to those who may record. */
  readonly document: JsonObject;
  /** H156: hosts on which sessions may be recorded, `*` standing for any text; null: on all. */
  readonly domains: readonly string[] | null;
}

/**
 * The configuration document of a project (H159), from the columns of its team (D7). `surveys`, `siteApps`, `conversations` and `productTours` are those of a
 * project that has none: the first is left out (H244), the second empty, the others false. Which errors are not reported is kept in a table that is
 * not read. `hasFeatureFlags` is always true, since browsers keep the document for minutes and would miss a first flag.
 */
export function projectDocument({ token, settings }: ConfiguredProject): ProjectDocument {
  const is = (name: string): boolean => member(settings, name) === true;
  const listed = member(settings, 'recording_domains');
  const domains = Array.isArray(listed) ? listed.filter((domain) => typeof domain === 'string') : [];
  const exceptions = is('autocapture_exceptions_opt_in');
  return {
    domains: domains.length === 0 ? null : domains,
    document: {
      token,
      hasFeatureFlags: true,
      supportedCompression: ['gzip', 'gzip-js'],
      analytics: { endpoint: '/i/v0/e/' },
      sessionRecording: is('session_recording_opt_in') ? sessionRecording(settings) : false,
      heatmaps: is('heatmaps_opt_in'),
      capturePerformance: capturePerformance(settings),
      autocaptureExceptions: exceptions,
      errorTracking: { autocaptureExceptions: exceptions, suppressionRules: [] },
      logs: { captureConsoleLogs: memberOf(settings, 'logs_settings', 'capture_console_logs') === true },
      autocapture_opt_out: is('autocapture_opt_out'),
      captureDeadClicks: is('capture_dead_clicks'),
      conversations: false,
      productTours: false,
      flagsPersistenceDefault: is('flags_persistence_default'),
      defaultIdentifiedOnly: true,
      elementsChainAsString: true,
      siteApps: [],
    },
  };
}

function capturePerformance(settings: JsonObject): JsonValue {
  const timing = member(settings, 'capture_performance_opt_in') === true;
  const vitals = member(settings, 'autocapture_web_vitals_opt_in') === true;
  if (!timing && !vitals) return false;
  return {
    network_timing: timing,
    web_vitals: vitals,
    web_vitals_allowed_metrics: member(settings, 'autocapture_web_vitals_allowed_metrics') ?? null,
  };
}

/** The recorder's options (H159); what the team has not set is null, as the recorder expects. */
function sessionRecording(settings: JsonObject): JsonObject {
  const value = (name: string): JsonValue => member(settings, `session_recording_${name}`) ?? null;
  const given = (name: string): JsonValue => (isEmpty(value(name)) ? null : value(name));
  return {
    endpoint: '/s/',
    recorderVersion: 'v2',
    consoleLogRecordingEnabled: member(settings, 'capture_console_log_opt_in') === true,
    sampleRate: sampleRate(value('sample_rate')),
    minimumDurationMilliseconds: given('minimum_duration_milliseconds'),
    linkedFlag: linkedFlag(value('linked_flag')),
    networkPayloadCapture: given('network_payload_capture_config'),
    masking: given('masking_config'),
    urlTriggers: value('url_trigger_config'),
    urlBlocklist: value('url_blocklist_config'),
    eventTriggers: value('event_trigger_config'),
    triggerMatchType: value('trigger_match_type_config'),
    scriptConfig: null,
    ...canvas(member(settings, 'session_replay_config')),
  };
}

/** A decimal of two places in the database, text on the wire; all is the same as nothing said. */
function sampleRate(rate: JsonValue): string | null {
  if (rate === null) return null;
  const text = Number(textOf(rate)).toFixed(2);
  return text === '1.00' ? null : text;
}

/** The flag that switches recording on: its key, with a variant where only that one does. */
function linkedFlag(linked: JsonValue): JsonValue {
  const key = isObject(linked) ? (member(linked, 'key') ?? null) : null;
  const variant = isObject(linked) ? (member(linked, 'variant') ?? null) : null;
  return variant === null ? key : { flag: key, variant };
}

/** How canvases are recorded, where the team has said anything of replay: the numbers are the reference's own. */
function canvas(replay: JsonValue | undefined): JsonObject {
  if (!isObject(replay)) return {};
  const record = member(replay, 'record_canvas') ?? false;
  const isOn = record === true;
  return { recordCanvas: record, canvasFps: isOn ? 3 : null, canvasQuality: isOn ? '0.4' : null };
}

function memberOf(settings: JsonObject, column: string, name: string): JsonValue | undefined {
  const value = member(settings, column);
  return isObject(value) ? member(value, name) : undefined;
}

function isEmpty(value: JsonValue): boolean {
  if (value === 0 || value === '') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
