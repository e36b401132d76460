import { isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';

/** What a configuration is made of: the team's columns of D7, by name. */
export interface ConfiguredProject {
  readonly token: string;
  readonly settings: JsonObject;
  /** The document that PostHog made of it (D7a); null: there is none. */
  readonly remoteConfig?: JsonObject | null;
}

/** The configuration of one project, and who may record sessions by it. */
export interface ProjectDocument {
  /** H159, with whatever `sessionRecording` says to those who may record. */
  readonly document: JsonObject;
  /** H156: hosts on which sessions may be recorded, `*` standing for any text; null: on all. */
  readonly domains: readonly string[] | null;
  /** The same for the chat of the product. */
  readonly chatDomains: readonly string[] | null;
  /** Objects of JavaScript as text: what `config.js` hands to the SDK as site apps (H205). */
  readonly siteApps: readonly string[];
}

/**
 * The configuration document of a project (H159): the one that PostHog made of it and keeps, where there is one (H155), else from the columns of
 * its team (D7). `hasFeatureFlags` is always true, since browsers keep the document for minutes and would miss a first flag.
 */
export function projectDocument(project: ConfiguredProject): ProjectDocument {
  const { token, settings, remoteConfig = null } = project;
  const made = remoteConfig === null ? null : madeDocument(token, remoteConfig);
  if (made !== null) return made;
  return {
    domains: domainsOf(member(settings, 'recording_domains')),
    chatDomains: null,
    siteApps: [],
    document: ownDocument(project),
  };
}

/**
 * What PostHog made, as it is served (H155): domains are for deciding, site apps as JavaScript for the script. A `false` for surveys would make
 * posthog-js fetch their script (H244), and who is over a quota now is known elsewhere (H157). Null: of an age that wrote other names.
 */
function madeDocument(token: string, made: JsonObject): ProjectDocument | null {
  if (member(made, 'supportedCompression') === undefined) return null;
  const { siteAppsJS, surveys, quotaLimited: _, ...document } = made;
  const recording = withoutDomains(member(made, 'sessionRecording'));
  const conversations = withoutDomains(member(made, 'conversations'));
  return {
    domains: recording.domains,
    chatDomains: conversations.domains,
    siteApps: Array.isArray(siteAppsJS) ? siteAppsJS.filter((app) => typeof app === 'string') : [],
    document: {
      ...document,
      token,
      hasFeatureFlags: true,
      sessionRecording: recording.value,
      conversations: conversations.value,
      ...(surveys === undefined || surveys === null || surveys === false ? {} : { surveys }),
    },
  };
}

function withoutDomains(value: JsonValue | undefined): { value: JsonValue; domains: readonly string[] | null } {
  if (!isObject(value)) return { value: value ?? false, domains: null };
  const { domains, ...rest } = value;
  return { value: rest, domains: domainsOf(domains) };
}

function domainsOf(listed: JsonValue | undefined): readonly string[] | null {
  const domains = Array.isArray(listed) ? listed.filter((domain) => typeof domain === 'string') : [];
  return domains.length === 0 ? null : domains;
}

/**
 * The document from the columns of the team. `surveys`, `siteApps`, `conversations`, `productTours` and rules for errors that are not reported are those of
 * a project that has none: the first is left out (H244), lists are empty, the others false.
 */
function ownDocument({ token, settings }: ConfiguredProject): JsonObject {
  const is = (name: string): boolean => member(settings, name) === true;
  const exceptions = is('autocapture_exceptions_opt_in');
  return {
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
