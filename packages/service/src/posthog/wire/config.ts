/** What projects without a stored configuration get attached (H158). */
const CONFIG = {
  hasFeatureFlags: true,
  supportedCompression: ['gzip', 'gzip-js'],
  config: { enable_collect_everything: true },
  isAuthenticated: false,
  toolbarParams: {},
  sessionRecording: false,
  surveys: false,
  heatmaps: false,
  capturePerformance: false,
  autocaptureExceptions: false,
};

/** What an answer without evaluation carries (H63). */
const MINIMAL = {
  supportedCompression: ['gzip', 'gzip-js'],
  config: { enable_collect_everything: true },
  toolbarParams: {},
  isAuthenticated: false,
  sessionRecording: false,
};

export const configMembers: string = members(CONFIG);
export const minimalMembers: string = members(MINIMAL);

/**
 * The document of `GET /array/{token}/config` (H207): what an SDK needs so as to load flags and do nothing else. Without `surveys`, for whose
 * scripts posthog-js would ask (H244).
 */
export function remoteConfig(token: string): object {
  return {
    token,
    hasFeatureFlags: true,
    supportedCompression: ['gzip', 'gzip-js'],
    analytics: { endpoint: '/i/v0/e/' },
    sessionRecording: false,
    heatmaps: false,
    capturePerformance: false,
    autocaptureExceptions: false,
    autocapture_opt_out: true,
    captureDeadClicks: false,
    defaultIdentifiedOnly: true,
    elementsChainAsString: true,
    siteApps: [],
  };
}

/** The members of an object, each with a comma in front, to be put behind other members. */
function members(object: object): string {
  return `,${JSON.stringify(object).slice(1, -1)}`;
}
