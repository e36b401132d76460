import { describe, expect, it } from 'vitest';
import { originForm } from './request-target.ts';

describe('H1: the target of a request', () => {
  it.each([
    ['/flags/?v=2', '/flags/?v=2'],
    ['/', '/'],
    ['//flags', '//flags'],
    ['/http://x/flags', '/http://x/flags'],
    ['http://x/flags?v=2', '/flags?v=2'],
    ['HTTP://x:80/flags/', '/flags/'],
    ['https://flags.example/flags?u=a@b', '/flags?u=a@b'],
    ['http://[::1]:8000/_liveness', '/_liveness'],
    ['http://x', '/'],
    ['http://x?v=2', '/?v=2'],
    ['http://x//flags', '//flags'],
  ])('%s means %s', (target, expected) => {
    expect(originForm('POST', target)).toBe(expected);
  });

  it.each([
    '',
    'flags',
    'ftp://x/flags',
    'ws://x/flags',
    'http:/flags',
    'http:///flags',
    'http://?v=2',
    'http://ann@x/flags',
    'http://ann:secret@x/flags',
    'http://@x/flags',
    'x:80',
    '*',
  ])('%j is none', (target) => {
    expect(originForm('POST', target)).toBeNull();
  });

  it('the asterisk belongs to OPTIONS', () => {
    expect(originForm('OPTIONS', '*')).toBe('*');
  });
});
