import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import type { RequestRecord } from '../../http/request-record.ts';
import { crawlers } from './crawlers.ts';

/** `log`: bots are told apart in log and metrics, and served (H145). */
export type BotMode = 'off' | 'log' | 'on';

/** Recognises bots (H145). */
export interface Bots {
  readonly mode: Exclude<BotMode, 'off'>;
  /** Whether this request comes from one; its record says so. */
  isBot(record: RequestRecord): boolean;
}

const NAMES = new Map(
  Object.entries(crawlers).flatMap(([category, names]) => names.map((name) => [name, category] as const)),
);
// One pass over the user agent, whatever the number of names.
const PATTERN = new RegExp([...NAMES.keys()].map((name) => name.replaceAll(/[.+/-]/g, String.raw`\$&`)).join('|'), 'i');

/** No crawler names itself later than that. */
const MOST_CHARACTERS = 512;

/** @param networks addresses of crawlers; undefined: only names tell */
export function createBots(mode: Exclude<BotMode, 'off'>, networks: BlockList | undefined): Bots {
  return {
    mode,
    isBot(record) {
      const name = PATTERN.exec(record.userAgent?.slice(0, MOST_CHARACTERS) ?? '')?.[0].toLowerCase();
      if (name !== undefined) return told(record, NAMES.get(name) ?? 'other', 'user_agent');
      const { clientAddress } = record;
      const family = networks === undefined ? 0 : isIP(clientAddress);
      if (family === 0 || networks === undefined) return false;
      return networks.check(clientAddress, family === 4 ? 'ipv4' : 'ipv6') && told(record, 'network', 'ip');
    },
  };
}

function told(record: RequestRecord, category: string, source: 'user_agent' | 'ip'): true {
  Object.assign(record.notes, { botCategory: category, botSource: source });
  return true;
}

/**
 * Reads a file with a network in each line, such as `66.249.64.0/19` or `2001:4860:4801::/48`; `#` begins a comment.
 *
 * @throws {Error} naming the file and the line that is none
 */
export function readNetworks(file: string): BlockList {
  const networks = new BlockList();
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const [address = '', bits] = text.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (family === 0 || !(length <= most))
      throw new Error(`${file}, line ${index + 1}: "${text}" is no network such as 192.0.2.0/24.`);
    networks.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return networks;
}
