import {
  deleteEarlyAccessStatement,
  type EarlyAccessColumns,
  earlyAccessCountStatement,
  earlyAccessFeatureStatement,
  earlyAccessStatement,
  insertEarlyAccessStatement,
  type Row,
  updateEarlyAccessStatement,
  type Work,
} from '@halyard/data/management';
import { isObject, type JsonObject, member, parseStored } from '@halyard/json';
import { ask, type CommandContext, timeOf } from '../command.ts';
import { FieldReader } from '../field-reader.ts';
import { variantKeys } from '../filters/cross-field.ts';
import { addFlag } from '../flags/create-flag.ts';
import type { Flag } from '../flags/flag.ts';
import { aggregatesByGroup } from '../flags/guards.ts';
import { nextFreeKey } from '../flags/keys.ts';
import { changeFlag } from '../flags/update-flag.ts';
import { lockedFlag, lockFlags } from '../flags/write-flag.ts';
import { type Change, change } from '../history/changes.ts';
import { type Activity, record } from '../history/record.ts';
import { Refusal, refuseIf } from '../refusal.ts';

const stages = ['draft', 'concept', 'alpha', 'beta', 'general-availability', 'archived'] as const;
/** Stages in which people are let in by their own wish (M131). */
const released = new Set<string>(['alpha', 'beta', 'general-availability']);
const scope = 'EarlyAccessFeature';

/** An early access feature (M128). */
export interface EarlyAccessFeature {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly stage: string;
  readonly documentation_url: string;
  readonly created_at: string;
  readonly feature_flag: JsonObject | null;
}

const fromRow = (row: Row): EarlyAccessFeature => parseStored(row['feature'] ?? '{}') as unknown as EarlyAccessFeature;

/** A page of features, newest first. */
export function* listEarlyAccess(
  { teamId }: CommandContext,
  page: { readonly limit: number; readonly offset: number },
): Work<{ readonly count: number; readonly results: readonly EarlyAccessFeature[] }> {
  const [row] = yield* ask(earlyAccessCountStatement(teamId));
  const rows = yield* ask(earlyAccessStatement(teamId, page));
  return { count: Number(row?.['total'] ?? 0), results: rows.map(fromRow) };
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws {Refusal} 404 */
export function* readEarlyAccess({ teamId }: CommandContext, id: string): Work<EarlyAccessFeature> {
  const [row] = uuidForm.test(id) ? yield* ask(earlyAccessFeatureStatement(teamId, id)) : [];
  if (row === undefined) throw Refusal.notFound();
  return fromRow(row);
}

/** Offers a flag, or a new one that is off for all, to people who want it early (M130). */
export function* createEarlyAccess(context: CommandContext, body: JsonObject): Work<EarlyAccessFeature> {
  const reader = new FieldReader(body);
  reader.require('name');
  reader.require('stage');
  const columns = readColumns(reader, { name: '', description: '', stage: 'draft', documentationUrl: '' });
  const flagId = reader.integer('feature_flag_id') ?? null;
  refuseIf(reader.problems);
  const { timezone } = yield* lockFlags(context);
  const flag = flagId === null ? yield* newFlag(context, columns.name, timezone) : yield* offeredFlag(context, flagId);
  yield* enrol(context, flag, released.has(columns.stage), timezone);
  const [row] = yield* ask(insertEarlyAccessStatement(context.teamId, flag.id, timeOf(context), columns));
  const feature = yield* readEarlyAccess(context, row?.['id'] ?? '');
  yield* tell(context, feature, 'created', []);
  return feature;
}

/** Changes the fields that a body names; the flag stays the same (M128, M131). */
export function* updateEarlyAccess(context: CommandContext, id: string, body: JsonObject): Work<EarlyAccessFeature> {
  const { timezone } = yield* lockFlags(context);
  const stored = yield* readEarlyAccess(context, id);
  const reader = new FieldReader(body);
  const before = columnsOf(stored);
  const columns = readColumns(reader, before);
  refuseIf(reader.problems);
  const changes = (Object.keys(columns) as (keyof EarlyAccessColumns)[])
    .filter((name) => columns[name] !== before[name])
    .map((name) =>
      change(scope, name === 'documentationUrl' ? 'documentation_url' : name, before[name], columns[name]),
    );
  if (changes.length === 0) return stored;
  yield* ask(updateEarlyAccessStatement(id, columns));
  const flag = yield* flagOf(context, stored);
  if (flag !== null) yield* enrol(context, flag, released.has(columns.stage), timezone);
  const feature = yield* readEarlyAccess(context, id);
  yield* tell(context, feature, 'updated', changes);
  return feature;
}

/** Takes the offer back; its flag stays, without those who joined (M131). */
export function* deleteEarlyAccess(context: CommandContext, id: string): Work<void> {
  const { timezone } = yield* lockFlags(context);
  const stored = yield* readEarlyAccess(context, id);
  yield* ask(deleteEarlyAccessStatement(id));
  const flag = yield* flagOf(context, stored);
  if (flag !== null) yield* enrol(context, flag, false, timezone);
  yield* tell(context, stored, 'deleted', []);
}

function columnsOf(feature: EarlyAccessFeature): EarlyAccessColumns {
  const { name, description, stage, documentation_url: documentationUrl } = feature;
  return { name, description, stage, documentationUrl };
}

function readColumns(reader: FieldReader, kept: EarlyAccessColumns): EarlyAccessColumns {
  const stage = reader.choice('stage', stages);
  if (stage === null) reader.refuse('stage', 'null', 'This field may not be null.');
  return {
    name: reader.plainText('name', { longest: 200 }) ?? kept.name,
    description: reader.plainText('description', { mayBeBlank: true }) ?? kept.description,
    stage: stage ?? kept.stage,
    documentationUrl:
      reader.plainText('documentation_url', { longest: 800, mayBeBlank: true }) ?? kept.documentationUrl,
  };
}

function* newFlag(context: CommandContext, name: string, timezone: string): Work<Flag> {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const key = yield* nextFreeKey(context.teamId, slug === '' ? 'early-access' : slug);
  const filters = { groups: [{ properties: [], rollout_percentage: 0 }] };
  return yield* addFlag(context, { key, name: `Feature flag of the early access feature ${name}`, filters }, timezone, {
    note: null,
  });
}

/** M130. */
function* offeredFlag(context: CommandContext, id: number): Work<Flag> {
  const refuse = (detail: string) => Refusal.invalid('invalid_input', detail, 'feature_flag_id');
  let flag: Flag;
  try {
    flag = yield* lockedFlag(context, id);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw refuse('There is no flag with this id in this project.');
  }
  if (flag.deleted) throw refuse('There is no flag with this id in this project.');
  if (flag.features.length > 0) throw refuse('The flag is used by an early access feature already.');
  if (aggregatesByGroup(flag.filters)) throw refuse('The flag targets groups, which cannot join by themselves.');
  if ((variantKeys(flag.filters) ?? []).length > 0) throw refuse('The flag has variants.');
  return flag;
}

function* flagOf(context: CommandContext, { feature_flag: flag }: EarlyAccessFeature): Work<Flag | null> {
  const id = isObject(flag ?? undefined) ? member(flag as JsonObject, 'id') : undefined;
  return typeof id === 'number' ? yield* lockedFlag(context, id) : null;
}

/** M131: whether people may join by themselves is a member of the flag's filters. */
function* enrol(context: CommandContext, flag: Flag, isOpen: boolean, timezone: string): Work<void> {
  const isNow = member(flag.filters, 'feature_enrollment') === true;
  if (isNow === isOpen) return;
  yield* changeFlag(context, flag, { filters: { feature_enrollment: isOpen } }, timezone, { note: null });
}

function tell(
  context: CommandContext,
  { id, name }: EarlyAccessFeature,
  activity: Activity,
  changes: readonly Change[],
): Work<void> {
  return record(context, { activity, scope, itemId: id, name, changes, note: null });
}
