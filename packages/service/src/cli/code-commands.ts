import type { TypeLanguage } from '@halyard/manage/code';
import { Command, Option } from 'commander';
import type { Settings } from '../operate/settings/table.ts';
import type { ApplyOptions } from './code/apply.ts';
import type { ExportOptions } from './code/export.ts';
import type { LintOptions } from './code/lint.ts';
import type { TypesOptions } from './code/types.ts';
import type { SettingOptions } from './key-commands.ts';

/** What the commands about flags as files do. */
export interface CodeCommands {
  export(settings: Settings, options: ExportOptions): Promise<void>;
  apply(settings: Settings, path: string, options: ApplyOptions): Promise<void>;
  lint(settings: Settings, path: string | undefined, options: LintOptions): Promise<void>;
  types(settings: Settings, path: string | undefined, options: TypesOptions): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

type Given<Options> = Options & Record<string, unknown>;

/** `halyard export`, `apply`, `lint` and `types`. */
export function codeCommands(commands: CodeCommands, settings: SettingOptions, env: Environment): Command[] {
  const all = [
    command('export', "write a project's flags as files, one each or all in one", EXPORT_EXAMPLES)
      .option('--out <path>', 'folder, or file whose name ends in .yaml, .yml or .json; default: standard output')
      .addOption(new Option('--format <format>', 'default: that of the name, else yaml').choices(['yaml', 'json']))
      .option('--token <token>', TOKEN)
      .option('--prune', 'delete files of flags that are stored no more')
      .action((options: Given<ExportOptions>) => commands.export(settings.read(options), options)),
    command('apply', 'make a project what files say, all or nothing', APPLY_EXAMPLES)
      .argument('<path>', 'file, or folder with files, of YAML or JSON')
      .option('--plan', 'only say what would change; the exit code is 2 when something would')
      .option('--prune', 'delete flags that stand in no file')
      .option('--token <token>', 'public token of the project; it is made if there is none')
      .option('--name <name>', 'name of the project, when it is made')
      .option('--json', 'print JSON instead of text')
      .action((path: string, options: Given<ApplyOptions>) => commands.apply(settings.read(options), path, options)),
    command('lint', 'say what is wrong with flags, and what is hardly meant', LINT_EXAMPLES)
      .argument('[path]', 'file, or folder with files')
      .option('--database', 'look at what is stored instead')
      .option('--token <token>', TOKEN)
      .option('--allow-warnings', 'only errors change the exit code')
      .option('--json', 'print JSON instead of text')
      .action((path: string | undefined, options: Given<LintOptions>) =>
        commands.lint(settings.read(options), path, options),
      ),
    command('types', 'write a module with the keys, values and payloads of flags, for type checkers', TYPES_EXAMPLES)
      .argument('[path]', 'file, or folder with files')
      .addOption(new Option('--lang <language>', 'language of the module').choices(LANGUAGES).makeOptionMandatory())
      .option('--out <file>', 'where to write it; default: standard output')
      .option('--database', 'look at what is stored instead')
      .option('--token <token>', TOKEN)
      .option('--host <url>', 'look at what a Halyard or PostHog serves for local evaluation')
      .option(
        '--secret-key <key>',
        'key for the host; the environment variable HALYARD_SECRET_KEY keeps it out of the history',
      )
      .action((path: string | undefined, options: Given<TypesOptions>) =>
        commands.types(settings.read(options), path, { ...secretOf(env), ...options }),
      ),
  ];
  for (const each of all) settings.add(each);
  return all;
}

function secretOf({ HALYARD_SECRET_KEY: secretKey }: Environment): Pick<TypesOptions, 'secretKey'> {
  return secretKey === undefined ? {} : { secretKey };
}

/** Said here, too: whoever starts the service does not load what writes types. */
const LANGUAGES: readonly TypeLanguage[] = ['ts', 'python'];

const TOKEN = 'public token of the project; not needed when there is only one';

function command(name: string, description: string, examples: string): Command {
  return new Command(name).description(description).exitOverride().addHelpText('after', examples);
}

const EXPORT_EXAMPLES = `
Equal definitions give equal files. Comments in YAML files that are there already stay.

Examples:
  halyard export --out flags
  halyard export --out flags.json
`;

const APPLY_EXAMPLES = `
Nothing is written when one file is wrong, or when somebody changed a flag since the plan was made.

Examples:
  halyard apply flags --plan
  halyard apply flags --prune
`;

const LINT_EXAMPLES = `
The exit code is 3 when something is found.

Examples:
  halyard lint flags
  halyard lint --database --allow-warnings
`;

const TYPES_EXAMPLES = `
Examples:
  halyard types flags --lang ts --out src/flags.ts
  halyard types --lang python --host https://flags.example --secret-key phs_... --out flag_types.py
`;
