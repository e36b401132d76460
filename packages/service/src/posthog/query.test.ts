import { describe, expect, it } from 'vitest';
import { type FlagsQuery, parseFlagsQuery } from './query.ts';
import { Failure } from './wire/failure.ts';

function parsed(search: string): FlagsQuery {
  const query = parseFlagsQuery(search);
  if (query instanceof Failure) throw new Error(query.detail);
  return query;
}

describe('version', () => {
  it.each([
    ['', undefined],
    ['v=', undefined],
    ['v=2', 2],
    ['version=2', 2],
    ['v=2&version=1', 2],
    ['v=-1', -1],
    ['v=two', 1],
    ['v=2.5', 1],
    ['v=99999999999', 1],
    ['v=0', 0],
  ])('H20: %j gives version %s', (search, version) => {
    expect(parsed(search).version).toBe(version);
  });
});

describe('booleans', () => {
  it.each([
    ['', undefined],
    ['config', true],
    ['config=', true],
    ['config=maybe', true],
    ['config=true', true],
    ['config=false', false],
    ['config=0', false],
    ['config=No', false],
    ['config=OFF', false],
  ])('H21: %j gives config %s', (search, config) => {
    expect(parsed(search).config).toBe(config);
  });

  it('H123: survey mode is off unless asked for', () => {
    expect(parsed('v=2').onlySurveyFlags).toBe(false);
    expect(parsed('v=2&only_evaluate_survey_feature_flags=true').onlySurveyFlags).toBe(true);
    expect(parsed('v=2&only_evaluate_survey_feature_flags=false').onlySurveyFlags).toBe(false);
  });
});

describe('compression', () => {
  it.each([
    ['', undefined],
    ['compression=', undefined],
    ['compression=gzip', 'gzip'],
    ['compression=GZIP-JS', 'gzip'],
    ['compression=Base64', 'base64'],
    ['compression=lz64', 'unsupported'],
  ])('H20: %j gives %s', (search, compression) => {
    expect(parsed(search).compression).toBe(compression);
  });
});

describe('other parameters', () => {
  it('H20: lib_version and its alias', () => {
    expect(parsed('lib_version=1.2').libVersion).toBe('1.2');
    expect(parsed('ver=1.3').libVersion).toBe('1.3');
  });

  it('H20: unknown parameters are ignored', () => {
    expect(parsed('v=2&ip=1&retry_count=3&constructor=1&__proto__=2')).toEqual(parsed('v=2'));
  });

  it('H20: sent_at must be an integer, under both names', () => {
    expect(parsed('sent_at=1790000000123&v=2').version).toBe(2);
    expect(parseFlagsQuery('sent_at=now')).toBeInstanceOf(Failure);
    expect(parseFlagsQuery('_=1.5')).toBeInstanceOf(Failure);
  });

  it('H22: broken escapes are read as they stand', () => {
    expect(parsed('v=%zz&%=%').version).toBe(1);
  });
});
