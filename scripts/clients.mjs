import { root, tools } from './lib/paths.mjs';
import { ended, runNode, start } from './lib/process.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run clients [-- NAME …]    hold PostHog's clients, as published, against the service; a name is a language (js, python, go, rust,
 *                                java), terraform, mcp or a client. Without one, all of them
 *   --newest                     the newest release of each, and not those that the repository names; nothing in it changes
 *   --record                     write down what they do: clients/results.json and docs/sdks.md
 */
const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('--'));
const names = args.filter((arg) => !options.includes(arg));
const unknown = options.filter((option) => !['--newest', '--record'].includes(option));
if (unknown.length > 0 || options.length > 1) {
  console.error('npm run clients -- [NAME …] [--newest | --record]');
  process.exit(2);
}
await setUp();
const files = options.includes('--newest') ? ['clients/src/clients.test.ts'] : ['clients/src'];
process.exitCode = await ended(
  start(process.execPath, [tools.vitest, 'run', '--allowOnly=false', '--no-file-parallelism', ...files], {
    cwd: root,
    env: {
      HALYARD_CLIENTS: names.length === 0 ? 'js,python,go,rust,java,terraform,mcp' : names.join(','),
      HALYARD_CLIENTS_ONLY: String(names.length > 0),
      HALYARD_CLIENTS_NEWEST: String(options.includes('--newest')),
      HALYARD_CLIENTS_RECORD: String(options.includes('--record')),
    },
  }),
);
if (options.includes('--record'))
  await runNode([tools.biome, 'format', '--write', 'clients/results.json'], { cwd: root });
