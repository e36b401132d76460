import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../operate/settings/table.ts';
import { createProgram } from './program.ts';

interface Ran {
  readonly command: string;
  readonly settings: Settings;
  readonly rest: readonly unknown[];
}

interface Outcome {
  readonly ran: Ran | undefined;
  readonly output: string;
  readonly error: unknown;
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  let ran: Ran | undefined;
  let output = '';
  const record =
    (command: string) =>
    (settings: Settings, ...rest: unknown[]) => {
      ran = { command, settings, rest };
      return Promise.resolve();
    };
  const program = createProgram('1.2.3', env, {
    serve: record('serve'),
    import: record('import'),
    explain: record('explain'),
    export: record('export'),
    apply: record('apply'),
    lint: record('lint'),
    types: record('types'),
    createProject: record('project create'),
    listProjects: record('project list'),
    rotateToken: record('project rotate-token'),
    createKey: record('key create'),
    listKeys: record('key list'),
    revokeKey: record('key revoke'),
    createUser: record('user create'),
    resetPassword: record('user reset-password'),
  });
  const capture = { writeOut: (text: string) => (output += text), writeErr: (text: string) => (output += text) };
  const commands = [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)];
  for (const command of commands) command.configureOutput(capture);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return { ran, output, error: undefined };
  } catch (error) {
    return { ran, output, error };
  }
}

describe('command line', () => {
  it('serves when no command is named', async () => {
    expect((await run([])).ran).toMatchObject({ command: 'serve', settings: { port: 8000 } });
    expect((await run(['--port', '9000'])).ran).toMatchObject({ command: 'serve', settings: { port: 9000 } });
  });

  it('takes settings from the environment, and options before them', async () => {
    const env = { PORT: '9000', HALYARD_DATA_DIR: '/data' };
    const { ran } = await run(['serve', '--port', '9001'], env);
    expect(ran?.settings).toMatchObject({ port: 9001, dataDir: '/data' });
  });

  it('imports a file', async () => {
    const { ran } = await run(['import', 'flags.json', '--token', 'phc_x', '--data-dir', 'elsewhere']);
    expect(ran).toMatchObject({
      command: 'import',
      settings: { dataDir: 'elsewhere' },
      rest: ['flags.json', { token: 'phc_x' }],
    });
  });

  it('explains with a whole context', async () => {
    const context = [
      '--groups',
      '{"organization":"acme"}',
      '--person-properties',
      '{"n":1.0}',
      '--at',
      '2026-01-31T12:00:00Z',
    ];
    const { ran } = await run(['explain', '--flag', 'a', '--distinct-id', 'ada', ...context, '--json']);
    expect(ran?.rest[0]).toMatchObject({
      flag: 'a',
      distinctId: 'ada',
      groups: { organization: 'acme' },
      personProperties: { n: { text: '1.0' } },
      at: Date.UTC(2026, 0, 31, 12),
      runtime: 'all',
      json: true,
    });
  });

  it.each([
    [['explain', '--flag', 'a'], /required option '--distinct-id <id>' not specified/],
    [['explain', '--flag', 'a', '--distinct-id', 'b', '--groups', '[1]'], /must be a JSON object/],
    [['explain', '--flag', 'a', '--distinct-id', 'b', '--groups', '{'], /must be JSON/],
    [['explain', '--flag', 'a', '--distinct-id', 'b', '--at', 'soon'], /must be a time/],
    [['import'], /missing required argument 'file'/],
    [['serve', '--prot', '1'], /unknown option '--prot'[\s\S]*--port/],
    [['frob'], /^error: unknown command 'frob'\n+Run with --help to see what there is\.\n$/],
    [['expalin', '--flag', 'a'], /^error: unknown command 'expalin'\n\(Did you mean explain\?\)\n+Run with --help/],
    [['serve', 'frob'], /too many arguments for 'serve'/],
  ])('%j is a mistake that is explained', async (args, message) => {
    const { ran, output, error } = await run(args);
    expect(ran).toBeUndefined();
    expect(output).toMatch(message);
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).exitCode).toBe(1);
  });

  it.each(['serve', 'import', 'explain', 'export', 'apply', 'lint', 'types'])(
    'halyard %s --help has examples',
    async (command) => {
      const { output, error } = await run([command, '--help']);
      expect(output).toContain('Examples:');
      expect(output).toContain(`halyard ${command}`);
      expect((error as CommanderError).exitCode).toBe(0);
    },
  );

  it('help of key create shows its own options before those of the database', async () => {
    const { output } = await run(['key', 'create', '--help']);
    const options = [...output.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option);
    const own = ['--project', '--label', '--scope', '--user', '--create-user', '--all-projects', '--json'];
    expect(options.slice(0, own.length)).toEqual(own);
    expect(options[own.length]).toBe('--env-file');
  });

  it.each([
    ['export', ['--out', '--format', '--token', '--prune']],
    ['import', ['--token', '--name', '--environment', '--write']],
    ['types', ['--lang', '--out', '--database', '--token', '--host', '--secret-key']],
  ])(
    'help of %s shows its own options and how to find the database, and takes the other settings',
    async (name, own) => {
      const { output } = await run([name, '--help']);
      const options = [...output.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option);
      expect(options).toEqual([...own, '--env-file', '--database-url', '--data-dir']);
      expect(output).toContain('docs/settings.md');
    },
  );

  it('takes settings that the help of a command does not show', async () => {
    const { ran } = await run(['export', '--read-pool-size', '7']);
    expect(ran).toMatchObject({ command: 'export', settings: { readPoolSize: 7 } });
  });

  it('every option of serve names its variable and default', async () => {
    const { output } = await run(['serve', '--help']);
    expect(output).toMatch(/--port <number>[\s\S]*\[PORT,\s+default\s+8000\]/);
    expect(output).toMatch(/--data-dir <path>/);
  });

  it('knows its version', async () => {
    expect((await run(['--version'])).output).toBe('1.2.3\n');
  });

  it.each([
    [['project', 'create', 'Shop', '--json'], 'project create', ['Shop', { json: true }]],
    [['project', 'list'], 'project list', [{}]],
    [['project', 'rotate-token', '3', '--public'], 'project rotate-token', ['3', { public: true }]],
    [['export', '--out', 'flags', '--format', 'json'], 'export', [{ out: 'flags', format: 'json' }]],
    [['apply', 'flags', '--plan', '--prune'], 'apply', ['flags', { plan: true, prune: true }]],
    [['lint', 'flags', '--allow-warnings'], 'lint', ['flags', { allowWarnings: true }]],
    [['lint', '--database'], 'lint', [undefined, { database: true }]],
    [['types', '--lang', 'ts', 'flags'], 'types', ['flags', { lang: 'ts' }]],
    [['key', 'create', '--label', 'l'], 'key create', [{ label: 'l', scope: ['feature_flag:read'] }]],
    [['key', 'create', '--scope', '*', 'feature_flag:write'], 'key create', [{ scope: ['*', 'feature_flag:write'] }]],
    [['key', 'create', '--user', 'a@b.c', '--create-user'], 'key create', [{ user: 'a@b.c', createUser: true }]],
    [['key', 'list', '--project', '3'], 'key list', [{ project: '3' }]],
    [['key', 'revoke', 'id'], 'key revoke', ['id', {}]],
  ])('%j runs %s on the database of the settings', async (args, command, rest) => {
    const { ran } = await run([...args, '--data-dir', '/data']);
    expect(ran).toMatchObject({ command, settings: { dataDir: '/data' }, rest });
  });

  it.each([
    [['key'], 'Usage: halyard key'],
    [['key', 'creat'], "unknown command 'creat'"],
    [['key', 'revoke'], "missing required argument 'id'"],
    [['key', 'create', '--scope', 'insight:read'], 'Allowed choices are *, feature_flag:read, feature_flag:write'],
    [['project', 'create'], "missing required argument 'name'"],
    [['project', 'list', 'x'], 'too many arguments'],
  ])('%j is a mistake that is named', async (args, message) => {
    const { ran, output, error } = await run(args);
    expect([ran, error]).toEqual([undefined, expect.any(CommanderError)]);
    expect(output).toContain(message);
  });
});
