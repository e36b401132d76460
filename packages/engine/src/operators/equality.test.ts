import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { definitions, flag, person, request, result, run } from '../scenario.cases.ts';
import { decide, decideValues } from './decide.cases.ts';

/** Filter value, property value, released outcome, explicit outcome. */
const TABLE: readonly (readonly [string, string, boolean, boolean])[] = [
  ['false', '"banana"', true, false],
  ['false', '0', true, false],
  ['false', 'null', true, false],
  ['false', '""', true, false],
  ['false', '"FALSE"', true, true],
  ['false', 'false', true, true],
  ['true', '1', false, false],
  ['true', '[]', true, false],
  ['true', '[true]', true, false],
  ['true', '[[true,"TRUE"],[]]', true, false],
  ['true', '[[true,"TRUE"],[1]]', false, false],
  ['true', '{}', false, false],
  ['"True"', 'true', true, true],
  ['"tru"', 'true', false, false],
  ['["true","false"]', '"true"', false, true],
  ['["true","false"]', '"pro"', true, false],
  ['["false"]', '"banana"', true, false],
  ['["TRUE",[true]]', '"true"', true, true],
  ['["true",1]', '"1"', true, true],
  ['["true",1]', '"2"', false, false],
  ['[]', 'true', true, true],
  ['[]', '"TRUE"', true, true],
  ['[]', '[]', true, true],
  ['[]', '"us"', false, false],
  ['[]', 'false', false, false],
  ['["US","Uk"]', '"uk"', true, true],
  ['["US","Uk"]', '"de"', false, false],
  ['["US","us"]', '"Us"', true, true],
  ['"null"', 'null', true, true],
  ['[null]', 'null', true, true],
  ['1', '"1"', true, true],
  ['1', '1.0', false, false],
  ['1.0', '1.00', true, true],
  ['"1.0"', '1.0', true, true],
  ['9007199254740993', '"9007199254740993"', true, true],
  ['9007199254740993', '9007199254740992', false, false],
  ['"a"', '["a"]', false, false],
  ['["a"]', '"A"', true, true],
  ['[["a"]]', '["A"]', true, true],
  ['{"b":1,"a":2}', '{"a":2,"b":1}', true, true],
  ['"STRASSE"', '"Straße"', false, false],
  ['"ÉCOLE"', '"école"', true, true],
  ['"ΟΔΟΣ"', '"οδος"', true, true],
];

describe('exact and is_not', () => {
  it.each(TABLE.map(([filterValue, property, released]) => [filterValue, property, released] as const))(
    'E98: released, filter %s, property %s: %s',
    (filterValue, property, released) => {
      expect(decide('exact', filterValue, property)).toBe(released);
      expect(decide('is_not', filterValue, property)).toBe(!released);
    },
  );

  it.each(TABLE.map(([filterValue, property, , explicit]) => [filterValue, property, explicit] as const))(
    'E99: explicit, filter %s, property %s: %s',
    (filterValue, property, explicit) => {
      const settings = { propertyMatchingVersion: 2 as const };
      expect(decide('exact', filterValue, property, settings)).toBe(explicit);
      expect(decide('is_not', filterValue, property, settings)).toBe(!explicit);
    },
  );

  it.each<[version: number | undefined, expected: boolean]>([
    [undefined, true],
    [1, true],
    [2, false],
  ])('E96: a project with property matching version %j takes true for ["true"]: %s', (version, expected) => {
    const rest = version === undefined ? {} : { propertyMatchingVersion: version };
    const row = flag('f', { groups: [{ properties: [person('vip', false)] }] });
    // Released semantics read both sides as truth values, explicit semantics compare texts.
    const got = run(definitions([row], rest), { personProperties: { vip: 'banana' } });
    expect(result(got, 'f').value).toBe(expected);
  });

  it('E99: finds a text in any of many lists about one property, however long and in whatever case', () => {
    const texts = [...Array.from({ length: 150 }, (_, i) => `Land-${i}`), 'ΟΔΟΣ', 'İzmir', 'École'];
    const lists = [texts.slice(0, 2), texts.slice(30, 34), texts.slice(20, 70), texts.slice(60), texts];
    const rows = lists.flatMap((list, i) =>
      ['exact', 'is_not'].map((operator, j) =>
        flag(`${operator} ${i}`, { groups: [{ properties: [person('land', list, operator)] }] }, { id: 2 * i + j + 1 }),
      ),
    );
    const program = compile(definitions(rows));
    for (const land of ['', 'Land-150', ...texts]) {
      for (const written of [land, land.toLowerCase(), land.toUpperCase()]) {
        const got = evaluate(program, request({ personProperties: { land: written } }));
        const among = lists.map((list) => list.some((text) => text.toLowerCase() === written.toLowerCase()));
        expect(got.results.map(({ enabled }) => enabled)).toEqual(among.flatMap((is) => [is, !is]));
      }
    }
  });

  it('E97: looks into 20 000 nested arrays without running out of stack', () => {
    let value: unknown = 'true';
    for (let i = 0; i < 20_000; i++) value = [value];
    expect(decideValues('exact', true, value as [])).toBe(true);
    expect(decideValues('exact', value as [], true)).toBe(true);
  });
});
