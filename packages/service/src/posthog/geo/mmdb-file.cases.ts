/** What a database in MaxMind's format may hold here. */
type Value = string | number | { readonly [key: string]: Value } | readonly Value[];

const NODE_BYTES = 6;
const SEPARATOR = Buffer.alloc(16);
const METADATA_MARK = Buffer.from([0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com')]);

/** A file in MaxMind's format (version 2, records of 24 bits) in which one network of IPv4 has a place. */
export function mmdbFile(network: readonly number[], bits: number, place: Value): Buffer {
  const data = encode(place);
  const tree = Buffer.alloc(bits * NODE_BYTES);
  for (let depth = 0; depth < bits; depth++) {
    const bit = ((network[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;
    const next = depth === bits - 1 ? bits + SEPARATOR.length : depth + 1;
    for (const side of [0, 1]) tree.writeUIntBE(side === bit ? next : bits, depth * NODE_BYTES + side * 3, 3);
  }
  const metadata = encode({
    node_count: bits,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test-City',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    description: { en: 'one network' },
  });
  return Buffer.concat([tree, SEPARATOR, data, METADATA_MARK, metadata]);
}

const TYPES = { string: 2, double: 3, uint: 6, map: 7, array: 11 };

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(TYPES.string, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value);
      return Buffer.concat([control(TYPES.double, 8), bytes]);
    }
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(TYPES.uint, 4), bytes]);
  }
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    return Buffer.concat([control(TYPES.array, items.length), ...items.map(encode)]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([
    control(TYPES.map, entries.length),
    ...entries.flatMap(([key, item]) => [encode(key), encode(item)]),
  ]);
}

function control(type: number, size: number): Buffer {
  if (size >= 29) return Buffer.from([(type << 5) | 29, size - 29]);
  return type <= 7 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7]);
}
