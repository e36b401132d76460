import { StoreError } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { DatabaseUnusableError } from '../operate/database.ts';
import { readSettings, SettingsError } from '../operate/settings/read-settings.ts';
import { problemOf, UserError } from './problem-line.ts';

const settings = readSettings({ DATABASE_URL: 'postgres://me:secret@db.example:5433/flags' });

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

describe('what an error tells the caller', () => {
  it('a port in use', () => {
    expect(problemOf(systemError('EADDRINUSE', 'listen'), settings)).toEqual({
      text: '127.0.0.1:8000 is in use. Stop what listens there, or choose another port with --port or PORT.',
      exitCode: 1,
      unexpected: false,
    });
  });

  it.each([
    ['EACCES', 'listen', /may not listen on 127\.0\.0\.1:8000/],
    ['EADDRNOTAVAIL', 'listen', /no address of this machine \(EADDRNOTAVAIL\)/],
    ['ENOTFOUND', 'getaddrinfo', /no address of this machine \(ENOTFOUND\)/],
  ])('%s at %s', (code, syscall, text) => {
    expect(problemOf(systemError(code, syscall), settings).text).toMatch(text);
  });

  it.each([
    new StoreError('unavailable', 'non-persons reader', 'connect ECONNREFUSED'),
    new DatabaseUnusableError(systemError('ECONNREFUSED', 'connect')),
  ])('H89: an unreachable database is named without its password: %s', (error) => {
    const { text, exitCode } = problemOf(error, settings);
    expect(text).toContain('The database at db.example:5433/flags cannot be used (');
    expect(text).toContain('ECONNREFUSED');
    expect(text).not.toContain('secret');
    expect(exitCode).toBe(1);
  });

  it('a database behind a socket is named by its folder', () => {
    const local = readSettings({ DATABASE_URL: 'postgres:///flags?host=/var/run/postgresql' });
    expect(problemOf(new DatabaseUnusableError('x'), local).text).toContain('at /var/run/postgresql/flags cannot');
  });

  it('H89: a socket URL with a user but no host is named by its folder, without its password', () => {
    const local = readSettings({ DATABASE_URL: 'postgresql://ann:secret@/flags?host=/run/pg' });
    const { text } = problemOf(new DatabaseUnusableError('x'), local);
    expect(text).toContain('at /run/pg/flags cannot');
    expect(text).not.toContain('secret');
  });

  it('mistakes in the settings have their own exit code', () => {
    expect(problemOf(new SettingsError(['PORT must be …', 'HOST must be …']), undefined)).toEqual({
      text: 'PORT must be …\nHOST must be …',
      exitCode: 2,
      unexpected: false,
    });
  });

  it('anything else tells its message, and that nobody foresaw it', () => {
    expect(problemOf(new UserError('Say which.'), undefined)).toMatchObject({ text: 'Say which.', unexpected: false });
    expect(problemOf(new TypeError('odd'), undefined)).toMatchObject({ text: 'odd', exitCode: 1, unexpected: true });
  });
});
