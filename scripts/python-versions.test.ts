import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './lib/paths.mjs';
import { djangos, notRun, planRuns, pythons } from './lib/python-versions.mjs';

const last = (versions: readonly string[]) => versions.at(-1) ?? '';
const [oldestDjango = ''] = djangos.map(({ version }) => version);
const newestDjango = last(djangos.map(({ version }) => version));

describe('the runs of the Python tests', () => {
  it('with one Python are everything, and what uses Django with every other Django that this Python supports', () => {
    expect(planRuns('3.12', [])).toEqual([
      { python: '3.12', django: newestDjango, marks: '' },
      ...djangos.slice(0, -1).map(({ version }) => ({ python: '3.12', django: version, marks: 'django' })),
    ]);
  });

  it('with further Pythons have each Django once, and each Python with its newest', () => {
    const runs = planRuns('3.11', ['3.10', '3.12', '3.13']);
    expect(runs.slice(0, 4).map(({ python, marks }) => [python, marks])).toEqual([
      ['3.11', ''],
      ['3.10', 'not once'],
      ['3.12', 'not once or django'],
      ['3.13', 'not once'],
    ]);
    expect(runs.slice(2, 4).map(({ django }) => django)).toEqual([newestDjango, newestDjango]);
    expect(runs.slice(4).map(({ python, django, marks }) => [python, django, marks])).toEqual([
      ['3.11', oldestDjango, 'django'],
      ['3.12', djangos.at(-2)?.version, 'django'],
    ]);
  });

  it('have a Django for every Python, and a newer one than those listed', () => {
    for (const python of [...pythons, '3.99']) expect(planRuns(python, []).length).toBeGreaterThan(0);
    expect(planRuns('3.99', [])).toEqual([{ python: '3.99', django: newestDjango, marks: '' }]);
  });

  it('name the versions that they leave out', () => {
    const left = notRun(planRuns('3.11', pythons.slice(2, -1)));
    expect(left).toHaveLength(1);
    expect(left[0]).toContain(`Python ${pythons[0]}, ${last(pythons)} (HALYARD_PYTHONS`);
    expect(notRun(planRuns('3.13', ['3.11'])).join('\n')).not.toContain('Django');
    expect(notRun(planRuns('3.13', [])).join('\n')).toContain(`Django ${oldestDjango} (needs Python 3.10 to 3.12)`);
    expect(notRun(planRuns('3.11', pythons))).toEqual([]);
  });
});

it('the versions that the package tells pip are those that the tests run with', () => {
  const project = readFileSync(join(root, 'python', 'pyproject.toml'), 'utf8');
  const told = (name: string) =>
    [...project.matchAll(/"([\w :]+) :: (\d+\.\d+)"/g)].filter(([, kind]) => kind === name).map(([, , found]) => found);
  expect(told('Programming Language :: Python')).toEqual(pythons);
  expect(told('Framework :: Django')).toEqual(djangos.map(({ version }) => version.split('.').slice(0, 2).join('.')));
  expect(project).toContain(`requires-python = ">=${pythons[0]}"`);
});
