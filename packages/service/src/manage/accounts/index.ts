import type { Endpoint } from '../frame/endpoint.ts';
import { meEndpoint } from './me.ts';
import { organizationEndpoints } from './organizations.ts';

/** Who people are and what belongs to them (section 14 of the management rules). */
export const accountEndpoints: readonly Endpoint[] = [meEndpoint, ...organizationEndpoints];
