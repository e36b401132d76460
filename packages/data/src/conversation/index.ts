/**
 * Conversations with a store, without a driver: for hosts that bring their own connections. They yield statements and take rows, of
 * which every column comes as text.
 */
export { classifyError } from './classify-error.ts';
export type { Row, Statement, StatementValue } from '../statements/statement.ts';
export { errorClass } from '../error-class.ts';
export { mayBeOlder, type Position } from '../position.ts';
export { StoreError } from '../store-error.ts';
export {
  advance,
  ageSeconds,
  beginLook,
  type FreshnessDetail,
  type FreshnessMoment,
  type FreshnessRecord,
  isLookedAt,
  unknownUntil,
  unseen,
  wakeAt,
} from './freshness.ts';
export { defaultLimits, type FreshnessLimits } from './freshness-limits.ts';
export {
  type FreshnessAction,
  type FreshnessEvent,
  type FreshnessState,
  type FreshnessTransition,
  transitions,
} from './freshness-table.ts';
export { definitionsChannel } from '../statements/definitions-channel.ts';
export { loadFacts } from './load-facts.ts';
export type { KeyGrant, KeyStamp, PersonalGrant, ProjectGrant, SentKey } from '../key-grant.ts';
export { isPossibleKey, loadKey, stampKey } from './load-key.ts';
export { loadProject, projectRevision } from './load-project.ts';
export { firstReading, type Look, look, type LookInside, lookInside, type Snapshot } from './look.ts';
export { loadReferences } from './load-references.ts';
export { loadRemoteConfigs, loadTokenOfTeam, type RemoteConfig } from './load-remote-configs.ts';
export {
  advanceNotices,
  type NoticesEvent,
  type NoticesRecord,
  sendNotice,
  silence,
  teamAnnounced,
} from './notices.ts';
export { readSource, readStore, type Reading } from './reading.ts';
export { Store } from './store.ts';
export { type Answer, type Ask, type Conversation, type Wish } from './wish.ts';
