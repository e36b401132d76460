import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@halyard/json';
import { afterAll, describe, expect, it } from 'vitest';
import { type Answered, call, USER } from '../../app-call.cases.ts';
import { projectsWith, StubProject } from '../stub-projects.cases.ts';
import { openGeoIp } from './geo-ip.ts';
import { mmdbFile } from './mmdb-file.cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'halyard-geo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: Uint8Array): string {
  const path = join(folder, 'city.mmdb');
  writeFileSync(path, content);
  return path;
}

const PLACE = {
  city: { names: { en: 'Linköping' } },
  country: { names: { en: 'Sweden' }, iso_code: 'SE' },
  continent: { names: { en: 'Europe' }, code: 'EU' },
  postal: { code: '58002' },
  location: { time_zone: 'Europe/Stockholm', latitude: 58.4167, longitude: 15.6167 },
  subdivisions: [{ names: { en: 'Östergötland County' }, iso_code: 'E' }],
};
// The address of `call` is 192.0.2.7.
const DATABASE = mmdbFile([192, 0, 2], 24, PLACE);
const PROPERTIES = {
  $geoip_city_name: 'Linköping',
  $geoip_country_name: 'Sweden',
  $geoip_country_code: 'SE',
  $geoip_continent_name: 'Europe',
  $geoip_continent_code: 'EU',
  $geoip_postal_code: '58002',
  $geoip_time_zone: 'Europe/Stockholm',
  $geoip_latitude: '58.4167',
  $geoip_longitude: '15.6167',
  $geoip_subdivision_1_name: 'Östergötland County',
  $geoip_subdivision_1_code: 'E',
};

const unexpected = (error: unknown): never => {
  throw error;
};

async function asked(
  body: JsonObject,
  content = DATABASE,
): Promise<{ sent: JsonObject | undefined; answer: Answered }> {
  const project = new StubProject();
  const geo = await openGeoIp(file(content), unexpected);
  const answer = await call({ body: { ...USER, ...body }, projects: projectsWith(project), geo });
  return { sent: project.requests[0]?.personProperties, answer };
}

describe('GeoIP', () => {
  it('H130, E149: the place of an address fills what the caller did not say', async () => {
    expect((await asked({})).sent).toEqual(PROPERTIES);
    const person_properties = { plan: 'pro', $geoip_city_name: null, $geoip_country_code: 'SE' };
    const { sent, answer } = await asked({ person_properties });
    expect(sent).toEqual({ ...PROPERTIES, plan: 'pro' });
    expect(answer.record.notes).toEqual({});
  });

  it('H130: what the caller says stays, and the log line tells that it differs', async () => {
    const { sent, answer } = await asked({ person_properties: { $geoip_country_code: 'FI' } });
    expect(sent).toMatchObject({ $geoip_country_code: 'FI', $geoip_city_name: 'Linköping' });
    expect(answer.record.notes).toEqual({ geoipDiffers: true });
  });

  it('H131: geoip_disable leaves everything as it was sent', async () => {
    expect((await asked({ geoip_disable: true, person_properties: { a: 1 } })).sent).toEqual({ a: 1 });
    expect((await asked({ geoip_disable: true })).sent).toBeUndefined();
  });

  it.each(['198.51.100.1', '10.0.0.1', '::1', '2001:db8::1', 'unknown', '', '192.0.2.7:80', '999.1.1.1'])(
    'H130: the address %j is nowhere',
    async (address) => {
      const geo = await openGeoIp(file(DATABASE), unexpected);
      expect(geo.properties(address)).toEqual({});
    },
  );

  it('H130: the same place is one object, however many addresses it has', async () => {
    const geo = await openGeoIp(file(DATABASE), unexpected);
    expect(geo.properties('192.0.2.1')).toBe(geo.properties('192.0.2.200'));
  });

  it.each([
    ['empty', new Uint8Array()],
    ['text', Buffer.from('address,city\n192.0.2.0/24,Linköping\n')],
    ['cut in its metadata', DATABASE.subarray(0, DATABASE.length - 100)],
  ])('H130: a file that is %s ends the start with its name', async (_what, content) => {
    await expect(openGeoIp(file(content), unexpected)).rejects.toThrow(
      /The GeoIP file .*city\.mmdb cannot be used \(.*\)\. HALYARD_GEOIP_FILE names/,
    );
  });

  it('H130: so does one that is not there', async () => {
    await expect(openGeoIp(join(folder, 'none.mmdb'), unexpected)).rejects.toThrow(/none\.mmdb cannot be used/);
  });

  it('H130: a place that cannot be read is told once, and nowhere', async () => {
    const broken = Buffer.from(DATABASE);
    broken.fill(0xff, 24 * 6 + 16, 24 * 6 + 40);
    let told = 0;
    const geo = await openGeoIp(file(broken), () => (told += 1));
    expect([geo.properties('192.0.2.7'), geo.properties('192.0.2.8')]).toEqual([{}, {}]);
    expect(told).toBe(1);
  });
});
