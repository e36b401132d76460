import { type JsonObject, type JsonValue, member, textOf } from '@halyard/json';

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
 * The configuration document of a project (H159), from the columns of its team (D7). `surveys` and `siteApps` are those of a project that
 * has none: the first is left out (H244), the second empty. `hasFeatureFlags` is always true, since browsers keep the document for minutes
 * and would miss a first flag.
 */
export function projectDocument({ token, settings }: ConfiguredProject): ProjectDocument {
  const is = (name: string): boolean => member(settings, name) === true;
  const listed = member(settings, 'recording_domains');
  const domains = Array.isArray(listed) ? listed.filter((domain) => typeof domain === 'string') : [];
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
      autocaptureExceptions: is('autocapture_exceptions_opt_in') ? { endpoint: '/e/' } : false,
      autocapture_opt_out: is('autocapture_opt_out'),
      captureDeadClicks: is('capture_dead_clicks'),
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

/** The recorder's options; what the team has not set is null, as the recorder expects. */
function sessionRecording(settings: JsonObject): JsonObject {
  const value = (name: string): JsonValue => member(settings, `session_recording_${name}`) ?? null;
  const rate = value('sample_rate');
  return {
    endpoint: '/s/',
    recorderVersion: 'v2',
    consoleLogRecordingEnabled: member(settings, 'capture_console_log_opt_in') === true,
    // A decimal of two places in the database, text on the wire.
    sampleRate: rate === null ? null : textOf(rate),
    minimumDurationMilliseconds: value('minimum_duration_milliseconds'),
    linkedFlag: value('linked_flag'),
    networkPayloadCapture: value('network_payload_capture_config'),
    masking: value('masking_config'),
    urlTriggers: value('url_trigger_config'),
    urlBlocklist: value('url_blocklist_config'),
    eventTriggers: value('event_trigger_config'),
    triggerMatchType: value('trigger_match_type_config'),
  };
}
