import { describe, expect, it } from 'vitest';
import { documentsOf, groupTypesOf, projectFromRow } from './definitions-from-rows.ts';

describe('a row of a project', () => {
  const plain = { teamId: 7, projectId: 7, token: 'phc', name: 'Default project', timezone: 'UTC', settings: {} };

  it('D8: may say nothing but its team', () => {
    for (const row of [{ team_id: '7' }, { team_id: '7', team: null, settings: null, revision: null }]) {
      expect(projectFromRow(row, 'phc')).toEqual({ project: plain, propertyMatchingVersion: null, revision: '' });
    }
  });

  it('D7: says more where it has more', () => {
    const team = '{"project_id":3,"name":"shop","timezone":"Europe/Vienna","property_matching_version":2}';
    const row = { team_id: '7', team, settings: '{"surveys_opt_in":true}', revision: '12' };
    expect(projectFromRow(row, 'phc')).toEqual({
      project: {
        ...plain,
        projectId: 3,
        name: 'shop',
        timezone: 'Europe/Vienna',
        settings: { surveys_opt_in: true },
      },
      propertyMatchingVersion: 2,
      revision: '12',
    });
  });

  it.each(['{"project_id":null,"name":"","timezone":"","property_matching_version":"2"}', '{"name":7}', '[]', '"x"'])(
    'what is of another kind, or empty, counts as absent: %s',
    (text) => {
      const got = projectFromRow({ team_id: '7', team: text, settings: '[1]' }, 'phc');
      expect(got).toEqual({ project: plain, propertyMatchingVersion: null, revision: '' });
    },
  );
});

describe('a list of documents', () => {
  it('is read one by one, a text that is none standing for itself (E9)', () => {
    expect([...documentsOf('{"id":1}\n{\n[]')]).toEqual([{ id: 1 }, '{', []]);
  });

  it('may be none', () => {
    expect([...documentsOf(null)]).toEqual([]);
    expect(groupTypesOf(null)).toEqual({});
    expect(groupTypesOf('{"0":"company"}')).toEqual({ '0': 'company' });
  });
});
