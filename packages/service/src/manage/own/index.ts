import type { Endpoint } from '../frame/endpoint.ts';
import { archiveFlagsEndpoint } from './archive-flags.ts';
import { changesEndpoint } from './changes.ts';
import { checkEndpoint } from './check.ts';
import { explainEndpoint } from './explain.ts';
import { historyEndpoint } from './history.ts';
import { impactEndpoint } from './impact.ts';
import { instanceEndpoint } from './instance.ts';
import { suggestEndpoint } from './suggest.ts';
import { trafficEndpoint } from './traffic.ts';

/** What the console needs beyond the reference (section 17 of the management rules). */
export const ownEndpoints: readonly Endpoint[] = [
  archiveFlagsEndpoint,
  changesEndpoint,
  checkEndpoint,
  explainEndpoint,
  historyEndpoint,
  impactEndpoint,
  instanceEndpoint,
  suggestEndpoint,
  trafficEndpoint,
];
