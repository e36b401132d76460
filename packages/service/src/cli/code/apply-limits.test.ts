import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, createTestDatabase } from '@halyard/data/testing';
import { describe, expect, it } from 'vitest';
import { ages } from '../../drop-in/posthog-schema.cases.ts';
import { managed } from '../../manage/posthog-tables.cases.ts';
import { CodeCommands, flag } from './code-commands.cases.ts';

const commands = new CodeCommands();
const { importing, exporting, applying, files, put, versions } = commands;

describe('what files say and apply writes', () => {
  it('M43, M48: tags and what is put away stand in files, and come back as they were', async () => {
    put('a.yaml', flag('a', 'tags: [Cart, beta, " cart "]\n'));
    put('b.yaml', flag('b').replace('active: true', 'active: false\narchived: true'));
    const token = 'phc_labels';
    await applying({ token });
    const stored = () =>
      ask(
        commands.first.url,
        `select f.key || ' ' || f.archived || coalesce(' ' || (select string_agg(t.name, ' ' order by t.name) from posthog_taggeditem i
             join posthog_tag t on t.id = i.tag_id where i.feature_flag_id = f.id), '')
           from posthog_featureflag f join posthog_team t on t.id = f.team_id where api_token = '${token}' order by f.key`,
      );
    expect(await stored()).toEqual(['a false beta cart', 'b true']);
    await exporting({ token, out: commands.folder });
    expect(files()['a.yaml']).toMatch(/tags:.*beta.*cart/s);
    expect(files()['b.yaml']).toContain('active: false\narchived: true\n');
    expect(await applying({ token, plan: true })).toMatchObject({ code: 0 });
    put('a.yaml', flag('a'));
    put('b.yaml', flag('b'));
    const { text } = await applying({ token });
    expect(text).toContain('2 changed');
    expect(await stored()).toEqual(['a false', 'b false']);
  });

  it('M50, M131: neither deletes nor changes behind the back of what uses a flag', async () => {
    const token = 'phc_used';
    put('used.yaml', flag('used'));
    put('other.yaml', flag('other'));
    put('project.yaml', 'group_types: { "0": organization }\n');
    await applying({ token });
    await ask(
      commands.first.url,
      `insert into posthog_earlyaccessfeature (id, team_id, feature_flag_id, name, description, stage, documentation_url, created_at)
       select gen_random_uuid(), f.team_id, f.id, 'Used', '', 'beta', '', now() from posthog_featureflag f
         join posthog_team t on t.id = f.team_id where api_token = '${token}' and key = 'used'`,
    );
    put(
      'used.yaml',
      flag('used').replace('- properties: []', '- aggregation_group_type_index: 0\n      properties: []'),
    );
    await expect(applying({ token })).rejects.toThrow(/Nothing was written: used: .*cannot target groups/);
    rmSync(join(commands.folder, 'used.yaml'));
    await expect(applying({ token, prune: true })).rejects.toThrow(/Nothing was written: used: .*early access/);
    expect(await versions(token)).toEqual(['other 1', 'used 1']);
  });

  it('makes no project of a token that no client could send', async () => {
    put('a.yaml', flag('a'));
    await expect(applying({ token: 'my token' })).rejects.toThrow('a token has 1 to 200 letters, digits');
    await expect(importing({ flags: [] }, 'ph/c')).rejects.toThrow('a token has 1 to 200 letters, digits');
  });

  it.each(ages)(
    'M205: files are made of PostHog’s tables and compared with them, and not written to: $name',
    async (age) => {
      const posthog = await createTestDatabase({ empty: true });
      try {
        await ask(posthog.url, ...age.main, ...age.persons, ...managed(age));
        const tag = '0190b3a0-0000-7000-8000-00000000000a';
        await ask(
          posthog.url,
          `insert into posthog_tag (id, name, team_id) values ('${tag}', 'cart', 3)`,
          `insert into posthog_taggeditem (id, tag_id, feature_flag_id) values (gen_random_uuid(), '${tag}', 1)`,
        );
        expect(await exporting({ out: commands.folder }, posthog)).toMatchObject({ code: 0 });
        const written = files();
        expect(Object.keys(written).filter((name) => name.startsWith('flags/'))).toHaveLength(6);
        expect(written['flags/for-all.yaml']).toMatch(/tags:\n\s+- cart/);
        expect(written['flags/for-docs.yaml']?.includes('- docs')).toBe(age.contexts);
        expect(await applying({ plan: true }, posthog)).toMatchObject({ code: 0 });
        writeFileSync(join(commands.folder, 'flags/new.yaml'), flag('new'));
        expect(await applying({ plan: true }, posthog)).toMatchObject({ code: 2 });
        await expect(applying({}, posthog)).rejects.toThrow(/belongs to PostHog, and no command writes flags to it\./);
        expect(await ask(posthog.url, `select count(*)::int from posthog_featureflag`)).toEqual([6]);
      } finally {
        await posthog.drop();
      }
    },
  );
});
