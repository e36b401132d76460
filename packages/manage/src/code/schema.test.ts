import { compile } from '@halyard/engine';
import { flagProblem, OPERATOR_NAMES } from '@halyard/engine/review';
import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { codeSchema } from './schema.ts';
import { definitionsFrom } from './project-code.ts';
import { CodeError } from './code-problem.ts';
import { judge, readCode } from './read-code.ts';

const accepts = new Ajv({ strict: false }).compile(codeSchema);

/** Whether the engine takes the flag, and the reader of files what stands around it. */
function engineTakes(flag: JsonValue): boolean {
  try {
    const { code } = readCode([{ file: 'x.json', text: JSON.stringify(flag) }]);
    const definitions = definitionsFrom(code);
    return compile(definitions).problems.length === 0 && definitions.flags.every((row) => flagProblem(row) === null);
  } catch (error) {
    if (error instanceof CodeError) return false;
    throw error;
  }
}

const flag = (filters: JsonValue, more: JsonObject = {}): JsonObject => ({ key: 'f', active: true, filters, ...more });
const group = (properties: JsonValue, more: JsonObject = {}): JsonObject => ({ groups: [{ properties, ...more }] });
const filter = (more: JsonObject): JsonObject => ({ key: 'p', type: 'person', value: 1, ...more });
const rule = (more: JsonObject = {}): JsonObject => ({
  id: '00000000-0000-4000-8000-000000000001',
  rule_type: 'targeted_release',
  targeting: { properties: [] },
  value: true,
  ...more,
});
const rules = (list: JsonValue, more: JsonObject = {}): JsonObject =>
  flag({ version: 2, return_type: 'boolean', default_value: null, rules: list, ...more });

describe('the schema of files', () => {
  it.each<[JsonValue]>([
    [flag({})],
    [flag(group([filter({})], { rollout_percentage: 12.5, variant: null }))],
    [flag(group(null))],
    ...OPERATOR_NAMES.map((operator): [JsonValue] => [flag(group([filter({ operator })]))]),
    [flag({ ...group([]), multivariate: { variants: [{ key: 'a', rollout_percentage: 100 }] }, payloads: { a: '1' } })],
    [flag({ ...group([]), holdout: { id: 1, exclusion_percentage: 5 }, early_exit: true, anything: 'else' })],
    [rules([rule()])],
    [rules([])],
    [{ flags: [flag({})], cohorts: [{ id: 1 }], group_types: { 0: 'organization' }, timezone: 'UTC' }],
    [{ flags: { f: { active: true, filters: {} } } }],
  ])('takes what the engine takes: %j', (given) => {
    expect(accepts(given)).toBe(true);
    expect(engineTakes(given)).toBe(true);
  });

  it.each<[JsonValue]>([
    [flag(7)],
    [flag({ groups: 7 })],
    [flag({ groups: [7] })],
    [flag(group(7))],
    [flag(group([filter({ operator: 'likes' })]))],
    [flag(group([filter({ type: 'persons' })]))],
    [flag(group([{ type: 'person' }]))],
    [flag(group([], { rollout_percentage: 'all' }))],
    [flag(group([], { variant: 1 }))],
    [flag({ multivariate: { variants: [{ key: 'a' }] } })],
    [flag({ early_exit: 'yes' })],
    [flag({ version: 3 })],
    [flag({}, { active: 'yes' })],
    [flag({}, { evaluation_runtime: 'browser' })],
    [flag({}, { id: 7 })],
    [{ key: 'f', filters: {} }],
    [rules([rule({ rule_type: 'other' })])],
    [rules([rule({ more: 1 })])],
    [rules([rule({ id: 'x' })])],
    [rules({})],
    [rules([], { return_type: 'text' })],
    [{ flagz: [] }],
    [{ flags: [7] }],
    [{ group_types: { 9: 'x' } }],
    [[]],
  ])('refuses what the engine and the reader refuse: %j', (given) => {
    expect(accepts(given)).toBe(false);
    expect(engineTakes(given)).toBe(false);
  });

  it('and the reader take the examples of the page about flags as code', () => {
    const page = readFileSync(new URL('../../../../docs/flags-as-code.md', import.meta.url), 'utf8');
    const texts = [...page.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text = ''], at) => ({
      file: `${at}.yaml`,
      text,
    }));
    expect(texts).toHaveLength(2);
    const read = readCode(texts);
    expect(judge(read, read.code)).toEqual([]);
    for (const { text } of texts) expect(accepts(parse(text))).toBe(true);
  });

  it('takes no flag of conditions that the engine leaves out, whatever it looks like', () => {
    const odd = fc.constantFrom<JsonValue>(null, 7, 'x', [], {}, true, 'min');
    const mostly = (plain: fc.Arbitrary<unknown>) =>
      fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: odd });
    const member = fc.constantFrom('key', 'type', 'operator', 'value', 'group_type_index');
    const oddFilter = fc.tuple(member, odd).map(([name, value]) => filter({ [name]: value }));
    const filters = fc.record({
      groups: fc.array(
        fc.record({
          properties: mostly(fc.array(oddFilter, { maxLength: 2 })),
          rollout_percentage: mostly(fc.double({ min: 0, max: 100, noNaN: true })),
          variant: mostly(fc.constant('a')),
        }),
        { maxLength: 2 },
      ),
      early_exit: mostly(fc.boolean()),
      payloads: mostly(fc.constant({})),
      aggregation_group_type_index: mostly(fc.constant(0)),
    });
    let taken = 0;
    fc.assert(
      fc.property(filters, (given) => {
        const read = parseDefinitions(JSON.stringify(flag(given as unknown as JsonValue)));
        if (!accepts(JSON.parse(JSON.stringify(read)))) return;
        taken += 1;
        expect(engineTakes(read)).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(20);
  });
});
