import type { Endpoint } from '../frame/endpoint.ts';
import { meEndpoint } from './me.ts';
import { memberEndpoints } from './members.ts';
import { organizationEndpoints } from './organizations.ts';
import { personalKeyEndpoints } from './personal-keys.ts';
import { projectKeyEndpoints } from './project-keys.ts';
import { projectWriteEndpoints } from './project-writes.ts';
import { sessionEndpoints } from './session.ts';

/** Who people are and what belongs to them (sections 2 and 14 of the management rules). */
export const accountEndpoints: readonly Endpoint[] = [
  meEndpoint,
  ...organizationEndpoints,
  ...projectWriteEndpoints,
  ...memberEndpoints,
  ...personalKeyEndpoints,
  ...projectKeyEndpoints,
  ...sessionEndpoints,
];
