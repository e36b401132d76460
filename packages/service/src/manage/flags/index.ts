import type { Endpoint } from '../frame/endpoint.ts';
import { flagActionEndpoints } from './action-endpoints.ts';
import { copyEndpoint } from './copy-endpoint.ts';
import { flagEndpoints } from './flag-endpoints.ts';
import { flagHistoryEndpoints } from './history-endpoints.ts';

/** Flags: reading, writing, acting on them, and their history. */
export const allFlagEndpoints: readonly Endpoint[] = [
  ...flagEndpoints,
  ...flagActionEndpoints,
  ...flagHistoryEndpoints,
  copyEndpoint,
];
