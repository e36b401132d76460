import { describe, expect, it } from 'vitest';
import { UTC, zoneOf } from './zone.ts';

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

/** Instant of a wall clock reading, as ISO text without a zone. */
function instant(zone: string, wall: string): string | null {
  const at = zoneOf(zone).instantOf(seconds(`${wall}Z`));
  return Number.isNaN(at) ? null : new Date(at * 1000).toISOString().replace('.000', '');
}

describe('zones', () => {
  it.each([
    ['America/Los_Angeles', '2024-06-03T02:00:00', '2024-06-03T09:00:00Z'],
    ['America/Los_Angeles', '2024-01-03T02:00:00', '2024-01-03T10:00:00Z'],
    ['Europe/Oslo', '2024-03-31T01:59:59', '2024-03-31T00:59:59Z'],
    ['Europe/Oslo', '2024-03-31T03:00:00', '2024-03-31T01:00:00Z'],
    ['Europe/Oslo', '2024-10-27T03:00:00', '2024-10-27T02:00:00Z'],
    ['Asia/Kathmandu', '2024-06-01T05:45:00', '2024-06-01T00:00:00Z'],
    ['Australia/Lord_Howe', '2024-06-01T10:30:00', '2024-06-01T00:00:00Z'],
    ['Pacific/Apia', '2011-12-29T23:59:59', '2011-12-30T09:59:59Z'],
    ['Pacific/Apia', '2011-12-31T00:00:00', '2011-12-30T10:00:00Z'],
    ['UTC', '2024-06-01T00:00:00', '2024-06-01T00:00:00Z'],
  ])('E117: in %s, %s is %s', (zone, wall, expected) => {
    expect(instant(zone, wall)).toBe(expected);
  });

  it.each([
    ['America/Los_Angeles', '2024-11-03T01:30:00', '2024-11-03T08:30:00Z'],
    ['Europe/Oslo', '2024-10-27T02:00:00', '2024-10-27T00:00:00Z'],
    ['Europe/Oslo', '2024-10-27T02:59:59', '2024-10-27T00:59:59Z'],
    ['Australia/Lord_Howe', '2024-04-07T01:45:00', '2024-04-06T14:45:00Z'],
  ])('E117: in %s, %s occurs twice and means the earlier, %s', (zone, wall, expected) => {
    expect(instant(zone, wall)).toBe(expected);
  });

  it.each([
    ['America/Los_Angeles', '2024-03-10T02:30:00'],
    ['Europe/Oslo', '2024-03-31T02:00:00'],
    ['Europe/Oslo', '2024-03-31T02:59:59'],
    ['Australia/Lord_Howe', '2024-10-06T02:15:00'],
    ['Pacific/Apia', '2011-12-30T12:00:00'],
  ])('E117: in %s, %s does not occur', (zone, wall) => {
    expect(instant(zone, wall)).toBeNull();
  });

  it.each(['', 'Nowhere/Atlantis', '+02:00', '-08', '__proto__', 'Europe/Oslo ', 'not a zone'])(
    'E117: the unknown zone %j means UTC',
    (name) => {
      expect(zoneOf(name)).toBe(UTC);
    },
  );

  it.each(['UTC', 'GMT', 'Etc/UTC'])('E117: %s needs no table', (name) => {
    expect(zoneOf(name)).toBe(UTC);
  });

  it('makes a zone once', () => {
    expect(zoneOf('Europe/Oslo')).toBe(zoneOf('Europe/Oslo'));
  });

  it('E117: from 2100 on a zone keeps the offset it has then', () => {
    expect(zoneOf('Europe/Oslo').offsetAt(seconds('2099-07-01T00:00:00Z'))).toBe(7200);
    expect(zoneOf('Europe/Oslo').offsetAt(seconds('2100-07-01T00:00:00Z'))).toBe(3600);
    expect(zoneOf('Australia/Sydney').offsetAt(seconds('2100-07-01T00:00:00Z'))).toBe(39_600);
  });

  it('gives the offset that is in force on both sides of a change, whatever was asked before', () => {
    const oslo = zoneOf('Europe/Oslo');
    for (let round = 0; round < 2; round++) {
      expect(oslo.offsetAt(seconds('2024-03-31T00:59:59Z'))).toBe(3600);
      expect(oslo.offsetAt(seconds('2024-03-31T01:00:00Z'))).toBe(7200);
    }
  });

  it('stays right when more days are asked for than it remembers', () => {
    const oslo = zoneOf('Europe/Oslo');
    for (let day = 0; day < 10_000; day++) oslo.offsetAt(day * 86_400);
    expect(oslo.offsetAt(seconds('2024-07-01T00:00:00Z'))).toBe(7200);
    expect(oslo.offsetAt(seconds('2024-01-01T00:00:00Z'))).toBe(3600);
  });

  it('has an offset at the ends of time', () => {
    const oslo = zoneOf('Europe/Oslo');
    expect(oslo.offsetAt(-1e13)).toBe(oslo.offsetAt(seconds('1800-01-01T00:00:00Z')));
    expect(Number.isFinite(oslo.offsetAt(1e13))).toBe(true);
  });
});
