import { parseArgs } from 'node:util';
import { runConsoleArena } from './arenas/console.ts';
import { runDefinitionsArena } from './arenas/definitions.ts';
import { runEngineArena } from './arenas/engine.ts';
import { runEventsArena } from './arenas/events.ts';
import { runHeavyArena } from './arenas/heavy.ts';
import { runHttpArena } from './arenas/http.ts';
import { runIngestArena } from './arenas/ingest.ts';
import { runManageArena } from './arenas/manage.ts';
import { runOverloadArena } from './arenas/overload.ts';
import { runPostgresArena } from './arenas/postgres.ts';
import { runStoredArena } from './arenas/stored.ts';
import { runTracesArena } from './arenas/traces.ts';
import { pinThisProcess } from './pin.ts';

const ARENAS: Readonly<Record<string, (print: (line: string) => void, quick: boolean) => Promise<boolean>>> = {
  console: runConsoleArena,
  definitions: runDefinitionsArena,
  engine: runEngineArena,
  events: runEventsArena,
  heavy: runHeavyArena,
  http: runHttpArena,
  ingest: runIngestArena,
  manage: runManageArena,
  overload: runOverloadArena,
  postgres: runPostgresArena,
  stored: runStoredArena,
  traces: runTracesArena,
};

const USAGE = `Measures Halyard next to its peers, in one run, and prints ratios.

  npm run bench [-- ARENA …] [--quick]

  ARENA    ${Object.keys(ARENAS).join(', ')}, python; default: all
  --quick  shorter and noisier

Where taskset is there, this process keeps to one core and servers to another. Figures hold for this machine; ratios travel.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const unknown = positionals.find((name) => ARENAS[name] === undefined);
  if (values.help || unknown !== undefined) {
    console.log(unknown === undefined ? USAGE : `There is no arena "${unknown}".\n\n${USAGE}`);
    return values.help ? 0 : 2;
  }
  console.log(`Node ${process.version}, ${pinThisProcess() ? 'one core' : 'not pinned to a core'}`);
  let agreed = true;
  for (const name of positionals.length > 0 ? positionals : Object.keys(ARENAS)) {
    console.log(`\n== ${name}`);
    agreed = ((await ARENAS[name]?.((line) => console.log(line), values.quick)) ?? false) && agreed;
  }
  if (!agreed) console.log('\nSome answers differ, or come too late: see above.');
  return agreed ? 0 : 1;
}
