import type { Endpoint } from '../frame/endpoint.ts';
import { changesEndpoint } from './changes.ts';
import { checkEndpoint } from './check.ts';
import { explainEndpoint } from './explain.ts';
import { impactEndpoint } from './impact.ts';
import { suggestEndpoint } from './suggest.ts';
import { trafficEndpoint } from './traffic.ts';

/** What the console needs beyond the reference (section 17 of the management rules). */
export const ownEndpoints: readonly Endpoint[] = [
  changesEndpoint,
  checkEndpoint,
  explainEndpoint,
  impactEndpoint,
  suggestEndpoint,
  trafficEndpoint,
];
