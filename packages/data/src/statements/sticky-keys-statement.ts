import type { FactPlan } from '@halyard/engine';
import { cookielessSentinel } from '../sticky-keys.ts';
import { canBeStored, isInteger32 } from '../stored-text.ts';
import { liveDistinctId, livePerson } from './person-rows.ts';
import type { PersonsFeatures } from './persons-features.ts';
import { namedText, type Statement } from './statement.ts';

/** What a plan wants stored, reduced to what the database can hold. */
export interface StickyKeysQuestion {
  readonly teamId: number;
  /** The request's distinct id and the anonymous id; not both are null. */
  readonly own: string | null;
  readonly other: string | null;
  readonly hashKey: string;
  readonly flagKeys: readonly string[];
}

/** `null`: the plan stores nothing, or its hash key cannot be stored. */
export function stickyKeysQuestion(plan: FactPlan): StickyKeysQuestion | null {
  const write = plan.stickyKeys?.write ?? null;
  if (write === null || !isInteger32(plan.teamId)) return null;
  if (!canBeStored(write.hashKey) || write.hashKey === cookielessSentinel) return null;
  const anon = plan.stickyKeys?.anonDistinctId ?? null;
  const own = canBeStored(plan.distinctId) ? plan.distinctId : null;
  const other = anon !== null && canBeStored(anon) ? anon : null;
  if (own === null && other === null) return null;
  const flagKeys = [...new Set(write.flagKeys)].filter(canBeStored);
  return { teamId: plan.teamId, own, other, hashKey: write.hashKey, flagKeys };
}

/**
 * Stores the hash key for every live person of the ids and every flag without a real key (D68, D73), and returns
 * one row whose column `sticky_keys` lists all keys that these persons then have, as in `factsStatement` (D117).
 *
 * The first key stays: on a conflict only the cookieless sentinel gives way (D53, D69), and a key that another request
 * stored meanwhile is returned as it is. Where we may, the persons are locked against deletion first, with the lock
 * that the foreign key would take at commit: a person that is being deleted is then simply not there (D70), and the wait
 * counts against the statement time-out instead of being unbounded.
 */
export function stickyKeysStatement(
  { teamId, own, other, hashKey, flagKeys }: StickyKeysQuestion,
  features: PersonsFeatures,
  ticket: string,
): Statement {
  return {
    ...namedText(kindOf(features), () => textFor(features)),
    values: [teamId, own, other, hashKey, flagKeys, ticket],
  };
}

function kindOf(features: PersonsFeatures): string {
  return `sticky_keys_${features.personTombstones ? 't' : ''}_${features.distinctIdTombstones ? 'd' : ''}_${
    features.canLockPersons ? 'l' : ''
  }`;
}

function textFor(features: PersonsFeatures): string {
  return `with ids as (
  select d.person_id as id, coalesce(bool_or(d.distinct_id = $2), false) as own
    from posthog_persondistinctid d
   where d.team_id = $1 and d.distinct_id in ($2, $3)${liveDistinctId(features)}
   group by d.person_id
), live as materialized (
  select p.id, ids.own from (select id, own from ids order by id) ids
   cross join lateral (
     select p.id from posthog_person p where p.team_id = $1 and p.id = ids.id${livePerson(features)}
     ${features.canLockPersons ? 'for key share' : 'offset 0'}) p
), stored as materialized (
  select live.id as person_id, k.feature_flag_key, k.hash_key
    from live cross join lateral (
      select feature_flag_key, hash_key from posthog_featureflaghashkeyoverride
       where team_id = $1 and person_id = live.id and hash_key <> '${cookielessSentinel}' offset 0) k
), added as (
  insert into posthog_featureflaghashkeyoverride as k (team_id, person_id, feature_flag_key, hash_key)
  select $1, live.id, f.key, $4
    from live cross join unnest($5::text[]) as f (key)
   where not exists (select from stored where stored.person_id = live.id and stored.feature_flag_key = f.key)
   order by live.id, f.key
  on conflict (team_id, person_id, feature_flag_key) do update
    set hash_key = case when k.hash_key = '${cookielessSentinel}' then excluded.hash_key else k.hash_key end
  returning k.person_id, k.feature_flag_key, k.hash_key
)
select coalesce(json_agg(json_build_array(live.own, k.feature_flag_key, k.hash_key)), '[]')::text as sticky_keys, $6::text as asked
  from live join (select * from stored union all select * from added) k on k.person_id = live.id`;
}
