import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTestDatabase } from '@halyard/data/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createHalyard, type HalyardOptions } from './index.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const create = (options: unknown) => createHalyard(options as HalyardOptions);
const none = { flags: [] };

/** The address of a server that answers as told. */
async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/flags/definitions?token=secret`;
}

describe('options that cannot be used are named, with what to do', () => {
  it.each<[string, unknown, string]>([
    ['nothing at all', undefined, 'createHalyard takes an object such as { definitions: { file } }, not undefined'],
    ['a document as such', [], 'createHalyard takes an object such as { definitions: { file } }, not an array'],
    [
      'no definitions',
      {},
      'definitions is missing: pass a document with flags, { file }, { url } or { postgres, token }, or host and its key',
    ],
    ['a misspelt option', { definitions: none, on_error: () => 1 }, 'options has no on_error: write onError'],
    [
      'an unknown option',
      { definitions: none, poll: 1 },
      'options has no poll: it takes definitions, host, secretKey, token, pollMs, facts, now, onError',
    ],
    [
      'a clock that is a number',
      { definitions: none, now: 3 },
      'now must be a function such as Date.now, not a number',
    ],
    ['a listener that is text', { definitions: none, onError: 'log' }, 'onError must be a function, not a string'],
    [
      'options that throw',
      {
        get definitions() {
          throw new Error('no');
        },
      },
      'options cannot be read: no',
    ],
    [
      'a path',
      { definitions: './flags.json' },
      'not a string: for a path write { file: path }, for an address { url: address }',
    ],
    ['a list of flags', { definitions: [] }, 'not an array: for a list of flags write { flags: list }'],
    ['an empty object', { definitions: {} }, 'it has none of these keys'],
    ['two sources', { definitions: { file: 'a', url: 'b' } }, 'definitions has url and file: leave all but one out'],
    ['flags that are no list', { definitions: { flags: 3 } }, 'definitions: flags must be a list'],
    [
      'a file that is a number',
      { definitions: { file: 3 } },
      'definitions.file must be a path or a file: URL, not a number',
    ],
    [
      'a file without a name',
      { definitions: { file: '' } },
      'definitions.file must be a path or a file: URL, not an empty string',
    ],
    ['a key of another source', { definitions: { file: 'a', pollMs: 1 } }, 'definitions has no pollMs: it takes file'],
    [
      'an address that is none',
      { definitions: { url: 'flags.json' } },
      'definitions.url must be an address that begins with http:// or https://',
    ],
    [
      'an address of a file',
      { definitions: { url: 'file:///a' } },
      'definitions.url must be an address that begins with http://',
    ],
    ['no address', { definitions: { url: undefined } }, 'definitions.url is missing: pass an address'],
    [
      'headers that are text',
      { definitions: { url: 'http://a', headers: 'x' } },
      'definitions.headers must be an object, not a string',
    ],
    [
      'a header that is absent',
      { definitions: { url: 'http://a', headers: { authorization: undefined } } },
      'definitions.headers.authorization must be a string, not undefined',
    ],
    [
      'a key in the address',
      { definitions: { url: 'http://u:secret@a/' } },
      'definitions.url must hold no user and password',
    ],
    [
      'a header of two lines',
      { definitions: { url: 'http://a', headers: { 'x-key': 'secret\nmore' } } },
      'definitions.headers.x-key cannot be sent as a header',
    ],
    [
      'a pause that is text',
      { definitions: { url: 'http://a', pollMs: '1s' } },
      'definitions.pollMs must be a number of milliseconds',
    ],
    [
      'a negative pause',
      { definitions: { url: 'http://a', pollMs: -1 } },
      'definitions.pollMs must be a number of milliseconds',
    ],
    [
      'a database without a token',
      { definitions: { postgres: 'postgres://a' } },
      "definitions.token is missing: pass the project's public token, such as phc_…",
    ],
    ['a token that is null', { definitions: { postgres: 'postgres://a', token: null } }, 'definitions.token must be'],
    [
      'a database that is a number',
      { definitions: { postgres: 5, token: 'a' } },
      'definitions.postgres must be an object, not a number',
    ],
    [
      'pools without a writer',
      { definitions: { postgres: {}, token: 'a' } },
      'definitions.postgres.write is missing: pass the URL of the database',
    ],
    [
      'a reader that is no URL',
      { definitions: { postgres: { write: 'a', read: 5 }, token: 'a' } },
      'definitions.postgres.read must be a URL, not a number',
    ],
    [
      'a misspelt pool',
      { definitions: { postgres: { write: 'a', persons_read: 'b' }, token: 'a' } },
      'definitions.postgres has no persons_read: write personsRead',
    ],
    [
      'another database',
      { definitions: { postgres: 'mysql://u:secret@a/b', token: 'a' } },
      'not a PostgreSQL URL (it must begin with postgresql://)',
    ],
    [
      'facts with PostgreSQL',
      { definitions: { postgres: 'postgres://a', token: 'a' }, facts: {} },
      'facts come from PostgreSQL: leave `facts` out',
    ],
    [
      'facts that are a list',
      { definitions: none, facts: [] },
      'facts must be an object such as { persons: [] }, not an array',
    ],
    [
      'persons that are no list',
      { definitions: none, facts: { persons: 3 } },
      'facts.persons must be a list, not a number',
    ],
    [
      'unknown facts',
      { definitions: none, facts: { people: [] } },
      'facts has no people: it takes persons, groups, staticMembers, stickyKeys',
    ],
    [
      'a person without ids',
      { definitions: none, facts: { persons: [{ properties: {} }] } },
      'facts.persons[0].distinctIds must be a list of strings, not undefined',
    ],
    [
      'a person without properties',
      { definitions: none, facts: { persons: [{ distinctIds: ['a'] }] } },
      'facts.persons[0].properties must be an object, not undefined',
    ],
    [
      'a group of an unknown type',
      { definitions: none, facts: { groups: [{ index: 'company', key: 'a', properties: {} }] } },
      'facts.groups[0].index must be a whole number, not a string',
    ],
  ])('%s', async (_name, options, message) => {
    const error: unknown = await create(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toMatch(/secret(?!Key)/);
  });
});

describe('definitions that cannot be read: the error names the place and the cause', () => {
  it('a file that is not there, by path and by file: URL', async () => {
    const path = join(tmpdir(), 'no such folder', 'flags.json');
    await expect(create({ definitions: { file: path } })).rejects.toThrow(
      `definitions.file: cannot read ${path}: ENOENT: no such file or directory`,
    );
    await expect(create({ definitions: { file: pathToFileURL(path) } })).rejects.toThrow('ENOENT');
  });

  it('a file by its URL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-'));
    open.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'flags.json'), '{"flags":[]}');
    const halyard = await create({ definitions: { file: pathToFileURL(join(folder, 'flags.json')) } });
    expect(halyard.evaluateSync({ distinctId: 'a' }).values()).toEqual({});
  });

  it.each(['127.0.0.1', 'localhost'])('an address where nobody listens: %s', async (host) => {
    const url = await serving(() => undefined);
    const { port } = new URL(url);
    await (open.pop() as () => Promise<unknown>)();
    await expect(create({ definitions: { url: `http://${host}:${port}/x?key=secret` } })).rejects.toThrow(
      new RegExp(`^http://${host}:${port}/x could not be reached: connect ECONNREFUSED `),
    );
  });

  it.each([
    [401, 'answered 401 instead of definitions: check the key'],
    [404, 'answered 404 instead of definitions: check the address'],
    [500, 'answered 500 instead of definitions'],
    [304, 'answered 304 instead of definitions'],
  ])('a server that answers %d', async (status, message) => {
    const url = await serving((_request, response) => response.writeHead(status).end());
    const error = await create({ definitions: { url } }).catch(String);
    expect(error).toMatch(/^Error: http:\/\/127\.0\.0\.1:\d+\/flags\/definitions /);
    expect(error).toContain(message);
    expect(error).not.toContain('secret');
  });

  it('a page instead of definitions', async () => {
    const url = await serving((_request, response) => response.end('<!doctype html>'));
    await expect(create({ definitions: { url } })).rejects.toThrow(/\/flags\/definitions holds no flag definitions: /);
  });

  it('a server that hangs up', async () => {
    const url = await serving((request) => request.socket.destroy());
    await expect(create({ definitions: { url } })).rejects.toThrow('could not be reached: other side closed');
  });

  it('a database where nobody listens, without its password', async () => {
    const definitions = { postgres: 'postgres://u:secret@127.0.0.1:1/shop', token: 'phc_a' };
    const error = await create({ definitions }).catch(String);
    expect(error).toContain(
      'definitions.postgres: cannot read the project from 127.0.0.1:1/shop: non-persons reader: connect ECONNREFUSED',
    );
    expect(error).not.toContain('secret');
  });

  it('a database without tables, and one that does not exist', async () => {
    const database = await createTestDatabase({ empty: true });
    open.push(() => database.drop());
    await expect(create({ definitions: { postgres: database.url, token: 'phc_a' } })).rejects.toThrow(
      "has neither PostHog's tables nor Halyard's; `halyard import` creates Halyard's",
    );
    const other = new URL(database.url);
    other.pathname = '/nowhere';
    await expect(create({ definitions: { postgres: other.href, token: 'phc_a' } })).rejects.toThrow(
      'check the name after the last slash of the URL',
    );
  });
});
