export { StoreError, type TransactionOptions, Transactions, type Work } from '@halyard/data/management';
export { directWriteProblems, UnknownOutcomeError, UnwritableError } from '@halyard/data/management';
export type { Actor, CommandContext, PayloadSecrets } from './command.ts';
export * from './changes/index.ts';
export * from './cohorts/index.ts';
export * from './early-access/index.ts';
export * from './flags/index.ts';
export * from './history/index.ts';
export * from './limits/index.ts';
export * from './people/index.ts';
export * from './schedules/index.ts';
export * from './suggest/index.ts';
export * from './traffic/index.ts';
export { invalid, type Problem, type ProblemType, Refusal, refuseIf } from './refusal.ts';
export {
  type Caller,
  type CallingKey,
  type CallingSession,
  type CallingUser,
  levels,
  type Membership,
} from './accounts/caller.ts';
export { denied } from './accounts/denied.ts';
export { callerOfKey, callerOfSession, isStampDue, stampKey } from './accounts/find-caller.ts';
export {
  currentOrganization,
  currentTeam,
  findOrganization,
  findProject,
  type Organization,
  type Project,
  refuseScopedTeams,
  visibleOrganizations,
  visibleOrganizationRows,
  visibleProjects,
} from './accounts/places.ts';
export { includesScope, type Scope, type ScopeObject, scopeObjects } from './accounts/scopes.ts';
export { changeMember, type Member, membersOf, removeMember } from './accounts/members.ts';
export { hashPassword, passwordProblem, verifyPassword } from './accounts/passwords.ts';
export {
  changePersonalKey,
  createPersonalKey,
  deletePersonalKey,
  type PersonalKeyInput,
  personalKey,
  personalKeys,
  rollPersonalKey,
} from './accounts/personal-keys.ts';
export {
  changeProjectKey,
  createProjectKey,
  deleteProjectKey,
  type ProjectKey,
  projectKey,
  projectKeys,
  rollProjectKey,
} from './accounts/project-keys.ts';
export { changeProject, createProject, deleteProject } from './accounts/projects.ts';
export { digestOf, randomText } from '@halyard/data/management';
export {
  charactersOf,
  coerceBoolean,
  coerceChoice,
  type Coerced,
  coerceInteger,
  coerceList,
  coerceText,
  coerceTime,
  type IntegerRules,
  type TextRules,
} from './coercions.ts';

export {
  beginSession,
  changeProfile,
  confirmSession,
  endSession,
  invalidCredentials,
  isSessionDue,
  keepSession,
  ownerOfAddress,
  ownerOfSession,
  requireFresh,
  SESSION_SECONDS,
} from './accounts/sessions.ts';
export { createUser, newSetupSecret, resetPassword, setUp } from './accounts/users.ts';
