import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '@halyard/json';
import { Instant, readInstant, readPropertyInstant } from './read-instant.ts';
import { zoneOf } from './zone.ts';

const NOW = '2024-06-10T12:34:56.789Z';
const out = new Instant();

/** ISO text of the second, and nanoseconds where there are any; null for no instant. */
function show(exists: boolean): string | null {
  if (!exists) return null;
  const second = new Date(out.seconds * 1000).toISOString().replace('.000Z', '');
  return out.nanos === 0 ? second : `${second}.${String(out.nanos).padStart(9, '0')}`;
}

function text(value: string, timezone = 'UTC', now = NOW): string | null {
  return show(readInstant(value, zoneOf(timezone), Date.parse(now), out));
}

function property(json: string, timezone = 'UTC'): string | null {
  return show(readPropertyInstant(parseJson(json), zoneOf(timezone), Date.parse(NOW), out));
}

describe('property values', () => {
  it.each([
    ['0', '1970-01-01T00:00:00'],
    ['1710979200', '2024-03-21T00:00:00'],
    ['1710979200.5', '2024-03-21T00:00:00.500000000'],
    ['1710979200.25', '2024-03-21T00:00:00.250000000'],
    ['-1', '1969-12-31T23:59:59'],
    ['-1.5', '1969-12-31T23:59:58'],
    ['1e9', '2001-09-09T01:46:40'],
    ['"1710979200"', '2024-03-21T00:00:00'],
    ['"2024"', '1970-01-01T00:33:44'],
    ['"1.5e3"', '1970-01-01T00:25:00'],
    ['1710979200000', '+056188-10-09T00:00:00'],
    ['"1710979200000"', '+056188-10-09T00:00:00'],
    ['"nan"', '1970-01-01T00:00:00'],
    ['"2024-06-01"', '2024-06-01T00:00:00'],
    ['"-7d"', '2024-06-03T12:34:56.789000000'],
  ])('E116: %s is %s', (json, expected) => {
    expect(property(json)).toBe(expected);
  });

  it.each([
    'null',
    'true',
    '[1710979200]',
    '{}',
    '""',
    '"inf"',
    '1e400',
    '-1e20',
    '1e13',
    '"no date"',
    '1710979200000000',
  ])('E116: %s has no instant', (json) => {
    expect(property(json)).toBeNull();
  });
});

describe('timestamps with an offset', () => {
  it.each([
    ['2024-06-01T00:00:00Z', '2024-06-01T00:00:00'],
    ['2024-06-01t00:00:00z', '2024-06-01T00:00:00'],
    ['2024-06-01 00:00:00Z', '2024-06-01T00:00:00'],
    ['2024-06-01T02:00:00+02:00', '2024-06-01T00:00:00'],
    ['2024-05-31T18:30:00-05:30', '2024-06-01T00:00:00'],
    ['2024-06-01T00:00:00.1Z', '2024-06-01T00:00:00.100000000'],
    ['2024-06-01T00:00:00.123456789Z', '2024-06-01T00:00:00.123456789'],
    ['2024-06-01T00:00:00.1234567899999Z', '2024-06-01T00:00:00.123456789'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.1000000000'],
  ])('E117: %s is %s in any zone', (value, expected) => {
    expect(text(value)).toBe(expected);
    expect(text(value, 'America/Los_Angeles')).toBe(expected);
  });

  it.each([
    '2024-02-30T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-06-01T24:00:00Z',
    '2024-06-01T00:60:00Z',
    '2024-06-01T00:00:61Z',
    '2024-06-01T00:00:00.Z',
    '2024-06-01T00:00:00+24:00',
    '2024-06-01T00:00:00+02:60',
    '2024-06-01T00:00:00+0200 ',
    '2024-6-01T00:00:00Z',
    '24-06-01T00:00:00Z',
    ' 2024-06-01T00:00:00Z',
    '2024-06-01T00:00:00Zx',
    '2024-06-01T00:00Z',
    // One field at a time that is shorter than it must be, or filled up with a blank.
    '024-06-01T00:00:00Z',
    ' 024-06-01T00:00:00Z',
    '2024- 6-01T00:00:00Z',
    '2024-06-1T00:00:00Z',
    '2024-06- 1T00:00:00Z',
    '2024-06-01T0:00:00Z',
    '2024-06-01T 0:00:00Z',
    '2024-06-01T00:0:00Z',
    '2024-06-01T00: 0:00Z',
    '2024-06-01T00:00:0Z',
    '2024-06-01T00:00: 0Z',
    '2024-06-01T00:00: 00Z',
    '2024-06-01\u00a000:00:00Z',
  ])('E117: %j is no timestamp', (value) => {
    expect(text(value)).toBeNull();
  });
});

describe('dates and wall clock times', () => {
  it.each([
    ['2024-06-01', '2024-06-01T07:00:00'],
    ['2024-6-1', '2024-06-01T07:00:00'],
    ['  2024-06-01', '2024-06-01T07:00:00'],
    ['+2024-06-01', '2024-06-01T07:00:00'],
    ['2024-01-01', '2024-01-01T08:00:00'],
    ['2024-06-01 03:04:05', '2024-06-01T10:04:05'],
    ['2024-06-01T03:04:05', '2024-06-01T10:04:05'],
    ['2024-06-01T03:04:05.5', '2024-06-01T10:04:05.500000000'],
    ['2024-06-01T03:04:05.000000001', '2024-06-01T10:04:05.000000001'],
    ['2024-06-01 03:04', '2024-06-01T10:04:00'],
    ['2024-06-01T03:04', '2024-06-01T10:04:00'],
    ['2024-06-01T3:4', '2024-06-01T10:04:00'],
    ['2024-11-03 01:30:00', '2024-11-03T08:30:00'],
  ])('E117: %j in Los Angeles is %s', (value, expected) => {
    expect(text(value, 'America/Los_Angeles')).toBe(expected);
  });

  it('E117: two year digits mean that literal year', () => {
    expect(text('24-06-01')).toBe('0024-06-01T00:00:00');
  });

  it('E117: a wall clock reading that does not occur has no instant', () => {
    expect(text('2024-03-10 02:30:00', 'America/Los_Angeles')).toBeNull();
    expect(text('2024-03-10 02:30:00', 'UTC')).toBe('2024-03-10T02:30:00');
  });

  it.each([
    '2024-06-01x',
    '2024-06-01 ',
    '2024-06-31',
    '2023-02-29',
    '2024-00-01',
    '2024-06-00',
    '2024-06-01T',
    '2024-06-01T03:',
    '2024-06-01 3:04:05.',
    '2024-06-01t03:04:05',
    '20240-06-01',
    '2024/06',
    '2024-06',
    '+999999-01-01',
    '2024-06-01T25:00',
  ])('E117: %j has no instant', (value) => {
    expect(text(value)).toBeNull();
  });

  it('E117: agrees with the platform on any timestamp', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString();
          readInstant(iso, zoneOf('UTC'), 0, out);
          expect(out.seconds * 1000 + out.nanos / 1e6).toBe(date.getTime());
          readInstant(iso.slice(0, -1), zoneOf('UTC'), 0, out);
          expect(out.seconds * 1000 + out.nanos / 1e6).toBe(date.getTime());
        },
      ),
      { seed: 117, numRuns: 1000 },
    );
  });
});

describe('relative dates', () => {
  it.each([
    ['7d', '2024-06-10T12:00:00Z', '2024-06-03T12:00:00'],
    ['-7d', '2024-06-10T12:00:00Z', '2024-06-03T12:00:00'],
    ['0d', '2024-06-10T12:00:00Z', '2024-06-10T12:00:00'],
    ['007h', '2024-06-10T12:00:00Z', '2024-06-10T05:00:00'],
    ['2w', '2024-06-10T12:00:00Z', '2024-05-27T12:00:00'],
    ['2m', '2024-03-31T12:00:00Z', '2024-01-29T12:00:00'],
    ['1m', '2024-03-31T12:00:00Z', '2024-02-29T12:00:00'],
    ['3m', '2023-05-31T12:00:00Z', '2023-02-28T12:00:00'],
    ['13m', '2024-12-31T12:00:00Z', '2023-11-29T12:00:00'],
    ['4y', '2020-02-29T12:00:00Z', '2016-02-28T12:00:00'],
    ['48m', '2020-02-29T12:00:00Z', '2016-02-28T12:00:00'],
    ['9999m', '2020-01-01T12:00:00Z', '1186-10-01T12:00:00'],
    ['9999y', '2020-01-01T12:00:00Z', '-007979-01-01T12:00:00'],
    ['1h', '2024-06-10T00:30:00.250Z', '2024-06-09T23:30:00.250000000'],
  ])('E118: %s at %s is %s', (value, now, expected) => {
    expect(text(value, 'UTC', now)).toBe(expected);
    expect(out.usesNow).toBe(true);
  });

  it.each([
    ['Europe/Oslo', '1d', '2024-03-31T12:00:00Z', '2024-03-30T13:00:00'],
    ['Europe/Oslo', '24h', '2024-03-31T12:00:00Z', '2024-03-30T13:00:00'],
    ['America/Los_Angeles', '1d', '2024-11-03T20:00:00Z', '2024-11-02T19:00:00'],
    ['Asia/Tokyo', '1m', '2024-03-31T20:00:00Z', '2024-02-29T20:00:00'],
  ])('E118: counts on the wall clock of %s: %s at %s is %s', (timezone, value, now, expected) => {
    expect(text(value, timezone, now)).toBe(expected);
  });

  it('E118: a wall clock reading that does not occur has no instant', () => {
    expect(text('1d', 'Europe/Oslo', '2024-04-01T00:30:00Z')).toBeNull();
    expect(out.usesNow).toBe(true);
  });

  it.each([
    '10000d',
    '99999999999999999999y',
    '1s',
    '1min',
    '1M',
    'd',
    '-d',
    '--1d',
    '+1d',
    '1 d',
    ' 1d',
    '1d ',
    '1.5d',
    '1d1h',
    '-7D',
  ])('E118: %j is no relative date', (value) => {
    expect(text(value)).toBeNull();
    expect(out.usesNow).toBe(false);
  });

  it('has no instant at a time that is no time', () => {
    expect(readInstant('7d', zoneOf('Europe/Oslo'), NaN, out)).toBe(false);
    expect(readInstant('7d', zoneOf('UTC'), Infinity, out)).toBe(false);
  });
});

describe('common formats', () => {
  it.each([
    ['1710979200', '2024-03-21T00:00:00'],
    ['1710979200123', '2024-03-21T00:00:00.123000000'],
    ['1710979200123456789', '2024-03-21T00:00:00.123456789'],
    ['Wed, 02 Jun 2021 06:31:39 GMT', '2021-06-02T06:31:39'],
    ['Wed, 02 Jun 2021 06:31:39 PDT', '2021-06-02T13:31:39'],
    ['2 Jun 2021 06:31 +0200', '2021-06-02T04:31:00'],
    ['2019-11-29 08:08:05-08', '2019-11-29T16:08:05'],
    ['2022-04-05 12:34:12 +01:00', '2022-04-05T11:34:12'],
    ['2022-04-05 12:34:12.5 +0100', '2022-04-05T11:34:12.500000000'],
    ['2017-11-25 13:31:15 PST', '2017-11-25T21:31:15'],
    ['2017-11-25 13:31 UTC', '2017-11-25T13:31:00'],
    ['2014-04-26 05:24:37 PM', '2014-04-26T17:24:37'],
    ['2014-04-26 12:24:37 AM', '2014-04-26T00:24:37'],
    ['May 8, 2009 5:57:51 PM', '2009-05-08T17:57:51'],
    ['September 17, 2012 at 10:09am PST', '2012-09-17T18:09:00'],
    ['oct. 7, 1970 11:15:26', '1970-10-07T11:15:26'],
    ['12 Feb 2006, 19:17', '2006-02-12T19:17:00'],
    ['14 May 2019 19:11:40.164', '2019-05-14T19:11:40.164000000'],
    ['4/8/2014 22:05', '2014-04-08T22:05:00'],
    ['4/8/14 1:05 pm', '2014-04-08T13:05:00'],
    ['8/8/1965 12:00:00 AM', '1965-08-08T00:00:00'],
    ['2014/4/8 22:05:01.5', '2014-04-08T22:05:01.500000000'],
  ])('E117: %j is %s in any zone, whatever the time', (value, expected) => {
    expect(text(value)).toBe(expected);
    expect(out.usesNow).toBe(false);
    expect(text(value, 'America/Los_Angeles')).toBe(expected);
  });

  it.each([
    ['May 25, 2021', '2021-05-25T12:34:56.789000000'],
    ['1 July 2013', '2013-07-01T12:34:56.789000000'],
    ['2021-Feb-21', '2021-02-21T12:34:56.789000000'],
    ['3/31/2014', '2014-03-31T12:34:56.789000000'],
    ['08/21/70', '1970-08-21T12:34:56.789000000'],
    ['08/21/69', '2069-08-21T12:34:56.789000000'],
    ['7 oct 701', '0701-10-07T12:34:56.789000000'],
    ['2014/3/31', '2014-03-31T12:34:56.789000000'],
    ['3.31.2014', '2014-03-31T12:34:56.789000000'],
    ['2014.03.30', '2014-03-30T12:34:56.789000000'],
    ['2020-07-20+08:00', '2020-07-20T12:34:56.789000000'],
    ['2024-06-01T03', '2024-06-01T12:34:56.789000000'], // T03 is read as a zone that nobody knows
    ['4:00pm', '2024-06-10T16:00:00'],
    ['01:06:06', '2024-06-10T01:06:06'],
    ['6:00 AM PST', '2024-06-10T14:00:00'],
    ['May 27 02:45:27', '2024-05-27T02:45:27'],
  ])('E117: %j is %s, completed from now', (value, expected) => {
    expect(text(value)).toBe(expected);
    expect(out.usesNow).toBe(true);
  });

  it.each([
    '',
    'x',
    'not a date',
    'hello 12',
    '12345',
    '99999999999',
    '9999999999999999999',
    '13/32/2014',
    '4/31/2014',
    'Foo 12, 2021',
    'Sept 12, 2021',
    'Thu, 02 Jun 2021 06:31:39 GMT',
    '2014-04-26 13:24:37 PM',
    '2014-04-26 00:24:37 AM',
    '25:00',
    '1.2.3',
    '1.2.3.4',
    '1710979200123456', // microseconds are not among the timestamps
  ])('E117: %j has no instant', (value) => {
    expect(text(value)).toBeNull();
  });
});
