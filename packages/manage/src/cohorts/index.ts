export { type Cohort, renderCohort } from './cohort.ts';
export { type CohortPage, cohortUsers, listCohorts } from './read-cohorts.ts';
export {
  addPersonsToCohort,
  createCohort,
  readCohort,
  removePersonFromCohort,
  updateCohort,
  type WrittenCohort,
} from './write-cohorts.ts';
