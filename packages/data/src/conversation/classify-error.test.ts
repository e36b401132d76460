import { describe, expect, it } from 'vitest';
import { factFailure, StoreError, type StoreErrorKind } from '../store-error.ts';
import { classifyError, isAway } from './classify-error.ts';

function withCode(code: string, message = 'went wrong'): Error {
  return Object.assign(new Error(message), { code });
}

describe('what a failure of the database counts as', () => {
  it.each<[StoreErrorKind, string, string]>([
    ['timeout', '57014', 'canceling statement due to statement timeout'],
    ['timeout', '55P03', 'canceling statement due to lock timeout'],
    ['timeout', '25P03', 'idle in transaction'],
    ['timeout', '25P04', 'transaction timeout'],
    ['foreign_key', '23503', 'violates foreign key constraint'],
    ['no_more_connections', '53300', 'too many clients already'],
    ['no_more_connections', '08P01', 'no more connections allowed (max_client_conn)'],
    ['query_wait_timeout', '08P01', 'query_wait_timeout'],
    ['query_wait_timeout', '08P01', 'query_wait_timeout (120s)'],
    ['unavailable', '08P01', 'server login has been failing, try again later'],
    ['query', 'XX000', 'query_wait_timeout'],
    ['query', 'XX000', 'no more connections allowed (max_client_conn)'],
    ['unavailable', '08006', 'connection failure'],
    ['unavailable', '57P01', 'terminating connection due to administrator command'],
    ['unavailable', '57P03', 'the database system is starting up'],
    ['unavailable', '58030', 'could not read block'],
    ['unavailable', 'ECONNREFUSED', 'connect ECONNREFUSED'],
    ['unavailable', 'ENOENT', 'no such socket'],
    ['unavailable', 'EPIPE', 'write EPIPE'],
    ['unavailable', 'ENOTFOUND', 'getaddrinfo ENOTFOUND'],
    ['query', '42P01', 'relation does not exist'],
    ['query', '25006', 'cannot execute INSERT in a read-only transaction'],
    ['query', '22P02', 'invalid input syntax'],
    ['query', '28P01', 'password authentication failed'],
  ])('D40: %s for %s', (kind, code, message) => {
    expect(classifyError(withCode(code, message), 'persons reader', false).kind).toBe(kind);
  });

  it('a failure without a code counts by what became of the connection', () => {
    expect(classifyError(new Error('Connection terminated'), 'persons reader', true).kind).toBe('unavailable');
    expect(classifyError(new Error('Connection terminated'), 'persons reader', false).kind).toBe('query');
  });

  it.each<[StoreErrorKind, string, boolean]>([
    ['unavailable', 'CERT_HAS_EXPIRED', true],
    ['query', 'CERT_HAS_EXPIRED', false],
    ['unavailable', 'A57P01', true],
    ['query', '57P01A', false],
    ['query', '40EXX', true],
  ])(
    'D40: %s for %s, which is no SQLSTATE or looks like none, where the connection is gone: %s',
    (kind, code, lost) => {
      expect(classifyError(withCode(code), 'persons reader', lost).kind).toBe(kind);
    },
  );

  it.each([[undefined], [null], ['text']])('what is thrown may be anything, such as %s', (thrown) => {
    const error = classifyError(thrown, 'persons reader', true);
    expect(error).toMatchObject({ kind: 'unavailable', code: null, message: `persons reader: ${String(thrown)}` });
    expect(error.cause).toBe(thrown);
  });

  it('a failure without words goes by its code, and without both by a word of ours', () => {
    expect(classifyError(withCode('ECONNREFUSED', ''), 'persons reader', true).message).toBe(
      'persons reader: ECONNREFUSED',
    );
    expect(classifyError(withCode('', ''), 'persons reader', true)).toMatchObject({
      code: null,
      message: 'persons reader: failed',
    });
  });

  it('several failed addresses count like the first', () => {
    const error = new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')], '');
    expect(classifyError(error, 'persons reader', false)).toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
  });

  it('names the pool and keeps the cause', () => {
    const cause = withCode('42P01', 'relation "x" does not exist');
    const error = classifyError(cause, 'non-persons reader', false);
    expect(error.message).toBe('non-persons reader: relation "x" does not exist');
    expect(error).toMatchObject({ pool: 'non-persons reader', code: '42P01', cause });
  });

  it.each([
    ['22P02', 'invalid input syntax for type integer: "secret"', 'invalid input syntax for type integer: "…"'],
    ['23505', 'key "one" is there,\nas is "two\nlines"', 'key "…"'],
    ['P0001', 'raised for "ann"', 'raised for "…"'],
    ['42P01', 'relation "x" does not exist', 'relation "x" does not exist'],
  ])('shows no values: %s, %j', (code, message, shown) => {
    const error = classifyError(withCode(code, message), 'persons reader', false);
    expect(error.message).toBe(`persons reader: ${shown}`);
    expect((error.cause as Error).message).toBe(shown);
  });

  it('keeps of a server’s error what says where, and nothing that may hold a value', () => {
    const where = {
      severity: 'ERROR',
      table: 'posthog_person',
      column: 'id',
      dataType: 'integer',
      constraint: 'person_key',
      position: '7',
      routine: 'ExecConstraints',
    };
    const more = { detail: 'Key (token)=(secret)', where: 'PL/pgSQL', hint: 'secret', schema: undefined };
    const thrown = Object.assign(withCode('23505'), where, more);
    const { cause } = classifyError(thrown, 'persons reader', false);
    expect({ ...(cause as object) }).toStrictEqual({ code: '23505', ...where });
    const { cause: other } = classifyError(Object.assign(withCode('42P01'), { schema: 'public' }), 'x', false);
    expect(other).toMatchObject({ schema: 'public' });
  });

  it.each([[withCode('EPIPE')], [withCode('CERT_HAS_EXPIRED')], [new Error('Connection terminated')]])(
    'keeps what is no error of a server as it is: %s',
    (thrown) => {
      expect(classifyError(thrown, 'persons reader', true).cause).toBe(thrown);
    },
  );

  it('leaves a failure that is classified already alone', () => {
    const error = new StoreError('timeout', 'persons reader', 'late');
    expect(classifyError(error, 'other', true)).toBe(error);
  });

  it.each<[StoreErrorKind, string]>([
    ['timeout', 'timeout'],
    ['no_more_connections', 'no_more_connections'],
    ['query_wait_timeout', 'query_wait_timeout'],
    ['unavailable', 'database_unavailable'],
    ['foreign_key', 'database_error'],
    ['query', 'database_error'],
  ])('E163: a client sees %s as %s', (kind, code) => {
    expect(factFailure(new StoreError(kind, 'persons reader', ''))).toMatchObject({ failed: true, code });
  });

  it('E163: what is no error of a store counts as an error of the database', () => {
    expect(factFailure(new TypeError('bug'))).toMatchObject({ code: 'database_error' });
  });
});

describe('whether a server is away, so that asking again helps', () => {
  it.each([
    withCode('ECONNREFUSED'),
    withCode('EHOSTUNREACH'),
    withCode('ENOENT', 'connect ENOENT /run/postgresql/.s.PGSQL.5432'),
    withCode('EAI_AGAIN', 'getaddrinfo EAI_AGAIN db'),
    withCode('57P03', 'the database system is starting up'),
    withCode('53300', 'too many clients already'),
    withCode('57014', 'canceling statement due to statement timeout'),
    withCode('08P01', 'server login has been failing, try again later'),
    new Error('timeout expired'),
    new Error('Connection terminated unexpectedly'),
    new StoreError('no_more_connections', 'persons reader', 'no connection became free in time'),
    new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')], ''),
  ])('yes: %s', (error) => {
    expect(isAway(error)).toBe(true);
    expect(isAway(classifyError(error, 'persons reader', true))).toBe(true);
  });

  it.each([
    withCode('28P01', 'password authentication failed for user "me"'),
    withCode('28000', 'no pg_hba.conf entry for host'),
    withCode('3D000', 'database "nowhere" does not exist'),
    withCode('42P01', 'relation "posthog_team" does not exist'),
    withCode('42501', 'permission denied for table posthog_team'),
    withCode('ENOTFOUND', 'getaddrinfo ENOTFOUND nowhere'),
    withCode('CERT_HAS_EXPIRED', 'certificate has expired'),
    withCode('23503', 'violates foreign key constraint'),
    withCode('ERR_LIKE_ENOENT', 'another code with one of those in it'),
    withCode('ERR_TLS_CERT_ALTNAME_INVALID', 'does not match the names of the certificate'),
    new Error('The server does not support SSL connections'),
    new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
  ])('no: %s', (error) => {
    expect(isAway(error)).toBe(false);
    expect(isAway(classifyError(error, 'persons reader', true))).toBe(false);
  });
});
