import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTool } from '../prepare.ts';

/** Which server a provider talks to, and as whom. */
export interface ProviderServer {
  readonly url: string;
  readonly key: string;
  readonly projectId: number;
}

interface Ended {
  readonly status: number;
  readonly said: string;
}

/** Terraform, or OpenTofu, in a folder of its own, with PostHog's provider as published. */
export class Terraform {
  readonly #folder = mkdtempSync(join(tmpdir(), 'halyard-terraform-'));
  readonly #program: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @param provider its binary, which no registry is asked for */
  constructor(provider: string, { url, key, projectId }: ProviderServer) {
    const program = findTool('terraform') ?? findTool('tofu');
    if (program === undefined) throw new Error('neither terraform nor tofu can be found');
    this.#program = program;
    const settings = join(this.#folder, 'cli.tfrc');
    writeFileSync(
      settings,
      `provider_installation {\n  dev_overrides {\n    "posthog/posthog" = ${JSON.stringify(dirname(provider))}\n  }\n}\n`,
    );
    const { PATH, HOME } = process.env;
    this.#env = {
      PATH,
      HOME,
      TF_CLI_CONFIG_FILE: settings,
      TF_IN_AUTOMATION: 'true',
      CHECKPOINT_DISABLE: 'true',
      POSTHOG_HOST: url,
      POSTHOG_API_KEY: key,
      POSTHOG_PROJECT_ID: String(projectId),
    };
  }

  /** Says what there shall be: blocks `resource` by their names, each with its lines. */
  write(flags: Readonly<Record<string, string>>): void {
    const blocks = Object.entries(flags).map(
      ([name, lines]) => `resource "posthog_feature_flag" "${name}" {\n${lines}\n}\n`,
    );
    const head = 'terraform {\n  required_providers {\n    posthog = { source = "posthog/posthog" }\n  }\n}\n';
    writeFileSync(join(this.#folder, 'main.tf'), [head, ...blocks].join('\n'));
  }

  /** @throws {Error} with what it said, where it fails */
  async apply(): Promise<void> {
    await this.#run('apply', '-auto-approve');
  }

  /** Empty: there is nothing to do. Else what it would do, in its words. */
  async plan(): Promise<string> {
    const { status, said } = await this.#ended('plan', '-detailed-exitcode');
    if (status !== 0 && status !== 2) throw new Error(said);
    return status === 0 ? '' : said;
  }

  async import(name: string, id: string): Promise<void> {
    await this.#run('import', `posthog_feature_flag.${name}`, id);
  }

  /** Leaves a resource alone from now on. */
  async forget(name: string): Promise<void> {
    await this.#run('state', 'rm', `posthog_feature_flag.${name}`);
  }

  /** What it knows of each flag, by the name of its block. */
  async state(): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
    const { values } = JSON.parse(await this.#run('show', '-json')) as {
      values?: { root_module: { resources?: { name: string; values: Record<string, unknown> }[] } };
    };
    return Object.fromEntries((values?.root_module.resources ?? []).map(({ name, values: known }) => [name, known]));
  }

  end(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(...args: readonly [string, ...string[]]): Promise<string> {
    const { status, said } = await this.#ended(...args);
    if (status !== 0) throw new Error(`${args.join(' ')}: ${said}`);
    return said;
  }

  #ended(command: string, ...args: readonly string[]): Promise<Ended> {
    const plain = command === 'show' || command === 'state' ? [] : ['-no-color', '-input=false'];
    const options = { cwd: this.#folder, env: this.#env, encoding: 'utf8', timeout: 120_000 } as const;
    return new Promise((resolve) => {
      const child = execFile(this.#program, [command, ...plain, ...args], options, (error, stdout, stderr) => {
        const status = child.exitCode ?? -1;
        resolve({ status, said: status === 0 ? stdout : `${stdout}${stderr || (error?.message ?? '')}` });
      });
    });
  }
}
