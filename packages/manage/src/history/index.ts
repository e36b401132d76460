export { type ActivityFilter, type ActivityPage, type ActivityQuery, readActivity } from './activity.ts';
export { readFlagVersion } from './flag-versions.ts';
export { readFlagsAt } from './flags-at.ts';
