import { accountEndpoints } from './accounts/index.ts';
import { cohortEndpoints } from './cohorts/index.ts';
import { earlyAccessEndpoints } from './early-access/index.ts';
import { evaluationEndpoints } from './evaluations/index.ts';
import { allFlagEndpoints } from './flags/index.ts';
import { ownEndpoints } from './own/index.ts';
import { peopleEndpoints } from './people/index.ts';
import { scheduleEndpoints } from './schedules/index.ts';
import type { Endpoint } from './frame/endpoint.ts';

/** Everything that the management API can do. */
export const managementEndpoints: readonly Endpoint[] = [
  ...accountEndpoints,
  ...allFlagEndpoints,
  ...cohortEndpoints,
  ...earlyAccessEndpoints,
  ...evaluationEndpoints,
  ...ownEndpoints,
  ...peopleEndpoints,
  ...scheduleEndpoints,
];
