import { ExactNumber, type JsonObject, type JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { asking, dependsOn, ProjectFixture, refusal } from '../project.cases.ts';

const project = new ProjectFixture();

const person = (more: JsonObject = {}): JsonObject => ({
  key: 'plan',
  type: 'person',
  operator: 'exact',
  value: ['pro'],
  ...more,
});
const group = (more: JsonObject): JsonObject => ({ groups: [more] });
const variants = (...list: JsonValue[]): JsonObject => ({ groups: [{}], multivariate: { variants: list } });
const a = { key: 'a', rollout_percentage: 100 };

describe('the shape of filters', () => {
  it.each<[filters: JsonValue, code: string, place: string]>([
    [{ version: 2, groups: [{}] }, 'structural.version.reserved_config_version', 'version'],
    [{ groups: null }, 'structural.groups.invalid_type', 'groups'],
    [{ groups: {} }, 'structural.groups.invalid_type', 'groups'],
    [{ groups: [7] }, 'structural.groups.invalid_type', 'groups[0]'],
    [group({ properties: {} }), 'structural.groups.properties.invalid_type', 'groups[0].properties'],
    [
      asking(person(), person({ key: {} })),
      'structural.groups.properties.key.invalid_type',
      'groups[0].properties[1].key',
    ],
    [asking({ type: 'person' }), 'structural.groups.properties.key.required', 'groups[0].properties[0].key'],
    [asking({ key: 'a' }), 'structural.groups.properties.type.required', 'groups[0].properties[0].type'],
    [{ groups: [{ properties: ['x'] }] }, 'structural.groups.properties.invalid_type', 'groups[0].properties[0]'],
    [asking(person({ type: null })), 'structural.groups.properties.type.invalid_type', 'groups[0].properties[0].type'],
    [
      asking(person({ type: 'event' })),
      'structural.groups.properties.type.invalid_choice',
      'groups[0].properties[0].type',
    ],
    [
      asking(person({ operator: 'near' })),
      'structural.groups.properties.operator.invalid_choice',
      'groups[0].properties[0].operator',
    ],
    [
      asking(person({ operator: 7 })),
      'structural.groups.properties.operator.invalid_type',
      'groups[0].properties[0].operator',
    ],
    [
      asking(person({ negation: 'no' })),
      'structural.groups.properties.negation.invalid_type',
      'groups[0].properties[0].negation',
    ],
    [
      asking(person({ group_type_index: 'x' })),
      'structural.groups.properties.group_type_index.invalid_type',
      'groups[0].properties[0].group_type_index',
    ],
    [
      group({ rollout_percentage: '50' }),
      'structural.groups.rollout_percentage.invalid_type',
      'groups[0].rollout_percentage',
    ],
    [
      group({ rollout_percentage: 100.5 }),
      'structural.groups.rollout_percentage.out_of_range',
      'groups[0].rollout_percentage',
    ],
    [
      group({ rollout_percentage: -1 }),
      'structural.groups.rollout_percentage.out_of_range',
      'groups[0].rollout_percentage',
    ],
    [
      group({ rollout_percentage: new ExactNumber('1e400', Infinity) }),
      'structural.groups.rollout_percentage.out_of_range',
      'groups[0].rollout_percentage',
    ],
    [group({ variant: 1 }), 'structural.groups.variant.invalid_type', 'groups[0].variant'],
    [
      group({ aggregation_group_type_index: 1.5 }),
      'structural.groups.aggregation_group_type_index.invalid_type',
      'groups[0].aggregation_group_type_index',
    ],
    [
      { groups: [{}], aggregation_group_type_index: 2 ** 31 },
      'structural.aggregation_group_type_index.invalid_type',
      'aggregation_group_type_index',
    ],
    [{ groups: [{}], multivariate: [] }, 'structural.multivariate.invalid_type', 'multivariate'],
    [{ groups: [{}], multivariate: {} }, 'structural.multivariate.variants.required', 'multivariate.variants'],
    [variants(), 'structural.multivariate.variants.empty', 'multivariate.variants'],
    [
      { groups: [{}], multivariate: { variants: {} } },
      'structural.multivariate.variants.invalid_type',
      'multivariate.variants',
    ],
    [variants('a'), 'structural.multivariate.variants.invalid_type', 'multivariate.variants[0]'],
    [
      variants({ rollout_percentage: 100 }),
      'structural.multivariate.variants.key.required',
      'multivariate.variants[0].key',
    ],
    [
      variants({ key: 7, rollout_percentage: 100 }),
      'structural.multivariate.variants.key.invalid_type',
      'multivariate.variants[0].key',
    ],
    [
      variants({ key: 'x'.repeat(401), rollout_percentage: 100 }),
      'structural.multivariate.variants.key.invalid_key',
      'multivariate.variants[0].key',
    ],
    [
      variants({ key: 'a', rollout_percentage: '100' }),
      'structural.multivariate.variants.rollout_percentage.invalid_type',
      'multivariate.variants[0].rollout_percentage',
    ],
    [
      variants({ key: 'a', rollout_percentage: 101 }),
      'structural.multivariate.variants.rollout_percentage.out_of_range',
      'multivariate.variants[0].rollout_percentage',
    ],
    [{ groups: [{}], holdout: 7 }, 'structural.holdout.invalid_type', 'holdout'],
    [
      { groups: [{}], holdout: { id: 1 } },
      'structural.holdout.exclusion_percentage.required',
      'holdout.exclusion_percentage',
    ],
    [
      { groups: [{}], holdout: { id: new ExactNumber('9223372036854775808', 2 ** 63), exclusion_percentage: 1 } },
      'structural.holdout.id.invalid_type',
      'holdout.id',
    ],
    [
      variants({ key: 'a b', rollout_percentage: 100 }),
      'structural.multivariate.variants.key.invalid_key',
      'multivariate.variants[0].key',
    ],
    [
      variants({ key: 'a' }),
      'structural.multivariate.variants.rollout_percentage.required',
      'multivariate.variants[0].rollout_percentage',
    ],
    [
      variants({ ...a, name: 1 }),
      'structural.multivariate.variants.name.invalid_type',
      'multivariate.variants[0].name',
    ],
    [{ groups: [{}], payloads: [] }, 'structural.payloads.invalid_type', 'payloads'],
    [{ groups: [{}], payloads: { true: '{' } }, 'structural.payloads.invalid_payload_json', 'payloads.true'],
    [{ groups: [{}], payloads: { true: 'NaN' } }, 'structural.payloads.invalid_payload_json', 'payloads.true'],
    [{ groups: [{}], early_exit: 1 }, 'structural.early_exit.invalid_type', 'early_exit'],
    [{ groups: [{}], feature_enrollment: 'x' }, 'structural.feature_enrollment.invalid_type', 'feature_enrollment'],
    [
      { groups: [{}], holdout: { id: 'x', exclusion_percentage: 1 } },
      'structural.holdout.id.invalid_type',
      'holdout.id',
    ],
    [
      { groups: [{}], holdout: { id: 1, exclusion_percentage: 101 } },
      'structural.holdout.exclusion_percentage.out_of_range',
      'holdout.exclusion_percentage',
    ],
    [asking(person({ value: 'a\0b' })), 'structural.invalid_characters', 'Text with'],
  ])('M60, M62, M65, M21: %j: %s', async (filters, code, place) => {
    const before = await project.everything();
    const error = await refusal(project.create({ key: 'a', filters }));
    expect(error).toMatchObject({ status: 400, type: 'validation_error', code, attr: 'filters' });
    expect(error['detail']).toMatch(new RegExp(`^${place.replaceAll(/[[\].]/g, String.raw`\$&`)}`));
    expect(await project.everything()).toBe(before);
  });

  it('M60: the shape is judged first, then what does not fit together, then what the filters refer to', async () => {
    const unknown = dependsOn({ id: 999_999 });
    const misfit = { groups: [{ properties: [unknown], variant: 'b' }] };
    const misshaped = { groups: [{ properties: [unknown], variant: 'b', rollout_percentage: 101 }] };
    const code = async (filters: JsonObject) => (await refusal(project.create({ key: 'a', filters })))['code'];
    expect(await code(misshaped)).toBe('structural.groups.rollout_percentage.out_of_range');
    expect(await code(misfit)).toBe('cross_field.group_variant_not_a_variant');
    const { detail, attr } = await refusal(project.create({ key: 'a', filters: asking(unknown) }));
    expect([attr, String(detail).split(': ')[0]]).toEqual(['filters', 'groups[0].properties[0].key']);
  });

  it.each([[[]], ['x'], [7], [true], [null]])('M62: filters %j are not an object', async (filters) => {
    expect(await refusal(project.create({ key: 'a', filters }))).toMatchObject({ status: 400, attr: 'filters' });
  });

  it('M71: all problems of one step are told, the first of them is the one that counts', async () => {
    const filters = { groups: [{ rollout_percentage: 101, variant: 3 }], early_exit: 1 };
    const error = await project.create({ key: 'a', filters }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      problems: [
        { code: 'structural.groups.rollout_percentage.out_of_range' },
        { code: 'structural.groups.variant.invalid_type' },
        { code: 'structural.early_exit.invalid_type' },
      ],
    });
  });

  it('M62, M64, M65: what is stored has one form', async () => {
    const filters = {
      groups: [
        { properties: null, rollout_percentage: new ExactNumber('100.0', 100) },
        { properties: [person({ key: 7, operator: 'min', value: 1 })], rollout_percentage: 12.5, sort_key: 'k' },
      ],
      multivariate: { variants: [{ key: 'x/y.z', rollout_percentage: 100, name: null, description: 'd' }] },
      payloads: { 'x/y.z': { a: [1, null] } },
      holdout: { id: new ExactNumber('9223372036854775807', 2 ** 63), exclusion_percentage: 1 },
      mine: { kept: null },
    };
    const flag = await project.create({ key: 'a', filters });
    expect(flag.filters).toMatchObject({
      groups: [
        { properties: [], rollout_percentage: 100, aggregation_group_type_index: null },
        {
          properties: [{ key: '7', type: 'person', operator: 'gte', value: 1 }],
          rollout_percentage: 12.5,
          sort_key: 'k',
          aggregation_group_type_index: null,
        },
      ],
      multivariate: { variants: [{ key: 'x/y.z', name: null, description: 'd' }] },
      payloads: { 'x/y.z': '{"a":[1,null]}' },
      holdout: { id: { text: '9223372036854775807' } },
      mine: { kept: null },
    });
  });

  it('M64: the flag aggregates by what all its conditions do', async () => {
    const filters = { aggregation_group_type_index: 1, groups: [{}, { aggregation_group_type_index: 1 }] };
    const flag = await project.create({ key: 'a', filters });
    expect(flag.filters).toMatchObject({
      aggregation_group_type_index: 1,
      groups: [{ aggregation_group_type_index: 1 }, { aggregation_group_type_index: 1 }],
    });
    const mixed = await project.patch(flag.id, { filters: { groups: [{ aggregation_group_type_index: null }, {}] } });
    expect(mixed.filters).toMatchObject({
      aggregation_group_type_index: null,
      groups: [{ aggregation_group_type_index: null }, { aggregation_group_type_index: 1 }],
    });
  });

  it('M63: retired members go, enrolment stays in its new form, what is unknown stays', async () => {
    const asks = { key: '$feature_enrollment/a', type: 'person', operator: 'exact', value: ['true'] };
    const filters = { groups: [{}], holdout_groups: [], super_groups: [{ properties: [asks] }], odd: 1 };
    const flag = await project.create({ key: 'a', filters });
    expect(flag.filters).toEqual({
      groups: [{ properties: [], aggregation_group_type_index: null }],
      aggregation_group_type_index: null,
      feature_enrollment: true,
      odd: 1,
    });
    const other = await project.create({
      key: 'b',
      filters: { groups: [{}], super_groups: [{ properties: [person()] }] },
    });
    expect(other.filters['super_groups']).toEqual([{ properties: [person()] }]);
  });

  it('M52: filters of more than 512 KiB are refused before anything else', async () => {
    const filters = asking(person({ value: 'x'.repeat(512 * 1024) }));
    expect(await refusal(project.create({ key: 'a', filters }))).toMatchObject({ code: 'max_length', attr: 'filters' });
  });
});

describe('what does not fit together', () => {
  const ofGroups = (property: JsonObject): JsonObject => ({
    groups: [{ aggregation_group_type_index: 0, properties: [property] }],
  });
  it.each<[filters: JsonObject, name: string, place: string]>([
    [variants({ ...a, rollout_percentage: 99 }), 'variant_rollout_sum_not_100', 'multivariate.variants'],
    [
      variants({ key: 'a', rollout_percentage: 50 }, { key: 'a', rollout_percentage: 50 }),
      'variant_keys_not_unique',
      'multivariate.variants',
    ],
    [{ ...variants(a), payloads: { b: '1' } }, 'payload_key_not_a_variant', 'payloads.b'],
    [{ groups: [{}], payloads: { a: '1' } }, 'payload_key_not_true', 'payloads.a'],
    [{ ...variants(a), groups: [{}, { variant: 'b' }] }, 'group_variant_not_a_variant', 'groups[1].variant'],
    [group({ variant: 'b' }), 'group_variant_not_a_variant', 'groups[0].variant'],
    [asking(person({ type: 'group' })), 'person_aggregation_property_type', 'groups[0].properties[0].type'],
    [ofGroups(person()), 'group_aggregation_property_type', 'groups[0].properties[0].type'],
    [
      ofGroups(person({ type: 'group', group_type_index: 1 })),
      'group_property_type_index_mismatch',
      'groups[0].properties[0].group_type_index',
    ],
    [
      asking({ key: '1', type: 'flag', operator: 'exact', value: true }),
      'flag_property_requires_flag_evaluates_to',
      'groups[0].properties[0].operator',
    ],
    [
      asking(person({ operator: 'flag_evaluates_to' })),
      'flag_property_requires_flag_evaluates_to',
      'groups[0].properties[0].type',
    ],
    [asking(person({ operator: 'in' })), 'in_not_in_requires_cohort', 'groups[0].properties[0].operator'],
    [asking(person({ operator: 'not_in' })), 'in_not_in_requires_cohort', 'groups[0].properties[0].operator'],
    [
      asking(person({ operator: 'not_regex', value: 7 })),
      'operator_requires_string_value',
      'groups[0].properties[0].value',
    ],
    [
      asking(person({ operator: 'is_date_after', value: 'soon' })),
      'date_value_not_parseable',
      'groups[0].properties[0].value',
    ],
    [asking(person({ operator: 'semver_gt', value: 'one' })), 'semver_value_invalid', 'groups[0].properties[0].value'],
    [asking(person({ operator: 'semver_eq', value: null })), 'semver_value_invalid', 'groups[0].properties[0].value'],
    [
      asking(person({ operator: 'is_date_before', value: null })),
      'date_value_not_parseable',
      'groups[0].properties[0].value',
    ],
    [
      asking({ key: 'plan', type: 'person', operator: 'is_date_exact' }),
      'date_value_not_parseable',
      'groups[0].properties[0].value',
    ],
    [
      asking(person({ operator: 'regex', value: null })),
      'operator_requires_string_value',
      'groups[0].properties[0].value',
    ],
    [
      asking(person({ operator: 'regex', value: ['a'] })),
      'operator_requires_string_value',
      'groups[0].properties[0].value',
    ],
  ])('M60, M66: %j: %s', async (filters, name, place) => {
    const error = await refusal(project.create({ key: 'a', filters }));
    expect(error).toMatchObject({ status: 400, code: `cross_field.${name}`, attr: 'filters' });
    expect(String(error['detail']).startsWith(`${place}: `)).toBe(true);
  });

  it('M66: what older clients send and evaluation copes with is taken', async () => {
    const third = { rollout_percentage: 33.333 };
    const filters = {
      groups: [
        { properties: [person({ operator: 'gt', value: 5 }), person({ operator: 'icontains', value: ['a'] })] },
        { properties: [person({ operator: 'is_set', value: 'is_set' }), person({ operator: null })], variant: '' },
      ],
      multivariate: {
        variants: [
          { key: 'a', ...third },
          { key: 'b', ...third },
          { key: 'c', rollout_percentage: 33.334 },
        ],
      },
    };
    expect(await project.create({ key: 'a', filters })).toMatchObject({ version: 1 });
  });

  it('M67: a pattern must compile, unless the flag had it', async () => {
    const broken = asking(person({ operator: 'regex', value: '(' }));
    const error = { code: 'invalid_input', attr: 'filters' };
    expect(await refusal(project.create({ key: 'a', filters: broken }))).toMatchObject(error);
    const flag = await project.createFull('a');
    await project.sql(`update posthog_featureflag set filters = '${JSON.stringify(broken)}' where id = ${flag.id}`);
    const filters = { groups: [...(broken['groups'] as JsonObject[]), {}] };
    expect(await project.patch(flag.id, { filters })).toMatchObject({ version: 2 });
    const other = asking(person({ operator: 'regex', value: '[' }));
    expect(await refusal(project.patch(flag.id, { filters: other }))).toMatchObject(error);
  });
});

describe('what filters refer to', () => {
  const inCohort = (value: JsonValue): JsonObject => asking({ key: 'id', type: 'cohort', operator: 'in', value });

  it('M68: a cohort must be there, and nothing that it needs may be about behaviour', async () => {
    const add = async (filters: string, isStatic = false) => {
      const [id] = await project.sql(`insert into posthog_cohort (team_id, filters, is_static)
        values (${project.teamId}, '${filters}', ${isStatic}) returning id`);
      return Number(id);
    };
    const leaf = (more: string) => `{"properties": {"type": "OR", "values": [${more}]}}`;
    const good = await add(leaf('{"type": "person", "key": "a", "operator": "is_set"}'));
    const doing = await add(leaf('{"type": "behavioral", "key": "a", "value": "performed_event"}'));
    const behind = await add(leaf(`{"type": "cohort", "key": "id", "value": ${doing}}`));
    const frozen = await add(leaf(`{"type": "cohort", "key": "id", "value": ${doing}}`), true);
    const overFrozen = await add(leaf(`{"type": "cohort", "key": "id", "value": "${frozen}"}`));
    const create = (key: string, value: JsonValue) => project.create({ key, filters: inCohort(value) });
    expect(await create('a', good)).toMatchObject({ version: 1 });
    expect(await create('b', String(overFrozen))).toMatchObject({ version: 1 });
    for (const value of [doing, behind]) {
      expect(await refusal(create('c', value))).toMatchObject({ code: 'behavioral_cohort_found', attr: 'filters' });
    }
    for (const value of [good + 1000, null, 'x', [good], 2 ** 31]) {
      expect(await refusal(create('c', value))).toMatchObject({ code: 'cohort_does_not_exist', attr: 'filters' });
    }
    await project.sql(`update posthog_cohort set deleted = true where id = ${good}`);
    expect(await refusal(create('c', good))).toMatchObject({ code: 'cohort_does_not_exist' });
  });

  it('M69: a flag that is asked about is there and on, is not the flag itself, and closes no cycle', async () => {
    const base = await project.createFull('base');
    const middle = await project.create({ key: 'middle', filters: asking(dependsOn(base)) });
    const top = await project.create({ key: 'top', filters: asking(dependsOn(middle)) });
    const wrong = { status: 400, type: 'validation_error', attr: 'filters' };
    const ask = (of: { readonly id: number }, ...on: { readonly id: number }[]) =>
      project.patch(of.id, { filters: asking(...on.map((flag) => dependsOn(flag))) });
    expect(await refusal(ask(base, base))).toMatchObject(wrong);
    const cycle = await refusal(ask(base, top));
    expect(cycle).toMatchObject(wrong);
    expect(cycle['detail']).toContain('base → top → middle → base');
    for (const key of ['999999', 'base', '', '-1', '4294967296']) {
      const filters = asking({ ...dependsOn(base), key });
      expect(await refusal(project.create({ key: 'x', filters }))).toMatchObject(wrong);
    }
    const off = await project.createFull('off', { active: false });
    expect(await refusal(ask(top, off))).toMatchObject(wrong);
    await project.patch(off.id, { deleted: true });
    expect(await refusal(ask(top, off))).toMatchObject(wrong);
    project.teamId = await project.newProject();
    expect(await refusal(project.create({ key: 'x', filters: asking(dependsOn(base)) }))).toMatchObject(wrong);
  });
});
