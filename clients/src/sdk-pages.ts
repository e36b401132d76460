import { pinnedVersion } from './prepare.ts';
import { type Client, clients } from './clients.ts';
import type { Ability } from './contract.ts';
import type { Result, Results } from './results.ts';

const COLUMNS: readonly (readonly [title: string, ability: Ability])[] = [
  ['payloads', 'payloads'],
  ['groups', 'groups'],
  ['properties sent along', 'overrides'],
  ['device', 'device'],
  ['events', 'events'],
];

/** The table of README.md: what holds for every client is said there in words. */
export function shortTable(results: Results): Readonly<Record<string, string>> {
  const rows = clients.flatMap((client) => {
    const result = results[client.name];
    if (result === undefined) return [];
    const local = result.local === undefined ? '–' : answers(result.local).replace('](', '](docs/');
    return [[`\`${client.name}\``, pinnedVersion(client), answers(result.remote).replace('](', '](docs/'), local]];
  });
  return { readme: table(['client', 'version', 'the service evaluates', 'it evaluates by itself'], rows) };
}

/** The tables of docs/sdks.md, by the name of their place in it. */
export function tables(results: Results): Readonly<Record<string, string>> {
  const tried = clients.flatMap((client) => {
    const result = results[client.name];
    return result === undefined ? [] : [{ client, result }];
  });
  return {
    clients: table(
      ['client', 'version', 'remote', 'local', ...COLUMNS.map(([title]) => title), 'remote config', 'remarks'],
      tried.map(({ client, result }) => [
        `\`${client.name}\``,
        pinnedVersion(client),
        answers(result.remote),
        evaluatesLocally(client, result),
        ...COLUMNS.map(([, ability]) => yes(client.can.includes(ability))),
        remoteConfig(client, result),
        client.remarks,
      ]),
    ),
    failures: table(
      ['client', ...Object.keys(tried[0]?.result.failures ?? {})],
      tried.map(({ client, result }) => [
        `\`${client.name}\``,
        ...Object.values(result.failures).map(({ gets, requests }) => `${gets}; ${times(requests)}`),
      ]),
    ),
    polling: table(
      ['client', ...Object.keys(tried.find(({ result }) => result.polling !== undefined)?.result.polling ?? {})],
      tried.flatMap(({ client, result: { polling } }) =>
        polling === undefined ? [] : [[`\`${client.name}\``, ...Object.values(polling)]],
      ),
    ),
    requests: table(
      ['client', 'calls itself', 'asks for'],
      tried.map(({ client, result }) => [`\`${client.name}\``, code(result.userAgents), code(result.requests)]),
    ),
  };
}

/** A page with the tables at their places: each stands between two comments with its name. */
export function withTables(page: string, made: Readonly<Record<string, string>>): string {
  let text = page;
  for (const [name, rows] of Object.entries(made)) {
    const place = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(\n<!-- end -->)`);
    if (!place.test(text)) throw new Error(`the page has no place for the table "${name}"`);
    text = text.replace(place, (_all, begin: string, end: string) => `${begin}\n${rows}${end}`);
  }
  return text;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

const yes = (can: boolean): string => (can ? 'yes' : '–');
const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join('<br>');
const times = (requests: number): string => (requests === 1 ? 'one request' : `${requests} requests`);

/** With the number of flags about which it disagrees. */
function answers(wrong: Result['remote']): string {
  const flags = Object.keys(wrong).length;
  return flags === 0 ? 'yes' : `yes, ${flags} [different](sdk-differences.md)`;
}

function evaluatesLocally({ can }: Client, { local, polls }: Result): string {
  if (!can.includes('local')) return '–';
  return local === undefined ? 'not tried' : `${answers(local)}; polls ${polls}`;
}

function remoteConfig({ can }: Client, { requests, sealed }: Result): string {
  if (!can.includes('remoteConfig')) return '–';
  const isTried = requests.some((request) => request.includes('remote_config'));
  return isTried ? `yes; encrypted ${sealed ?? 'not tried'}` : 'not tried';
}
