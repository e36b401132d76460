import { isIP } from 'node:net';
import type { JsonObject, JsonValue } from '@halyard/json';
import { type CityResponse, open, type Reader } from 'maxmind';

/** Where addresses are (H130). */
export interface GeoIp {
  /** `$geoip_…` properties of an address, as text; none for one that is unknown, private or unreadable. The same object for the same place. */
  properties(address: string): JsonObject;
}

const NONE: JsonObject = {};

/** Addresses whose places are remembered. */
const REMEMBERED = 10_000;

/**
 * Opens a city database in MaxMind's format.
 *
 * @param onError hears of the first place in it that cannot be read; such addresses are unknown
 * @throws {Error} naming the file and what is wrong with it
 */
export async function openGeoIp(file: string, onError: (error: unknown) => void): Promise<GeoIp> {
  let reader: Reader<CityResponse>;
  try {
    reader = await open<CityResponse>(file, { cache: { max: REMEMBERED } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The GeoIP file ${file} cannot be used (${reason}). HALYARD_GEOIP_FILE names a city database such as GeoLite2-City.mmdb.`,
      { cause: error },
    );
  }
  const byPlace = new WeakMap<CityResponse, JsonObject>();
  let told = false;
  return {
    properties(address) {
      if (isIP(address) === 0) return NONE;
      try {
        const place = reader.get(address);
        if (place === null) return NONE;
        let properties = byPlace.get(place);
        if (properties === undefined) {
          properties = propertiesOf(place);
          byPlace.set(place, properties);
        }
        return properties;
      } catch (error) {
        if (!told) onError(error);
        told = true;
        return NONE;
      }
    },
  };
}

function propertiesOf({ city, country, continent, postal, location, subdivisions }: CityResponse): JsonObject {
  const [first] = subdivisions ?? [];
  const values: Readonly<Record<string, string | number | undefined>> = {
    $geoip_city_name: city?.names?.en,
    $geoip_country_name: country?.names?.en,
    $geoip_country_code: country?.iso_code,
    $geoip_continent_name: continent?.names?.en,
    $geoip_continent_code: continent?.code,
    $geoip_postal_code: postal?.code,
    $geoip_time_zone: location?.time_zone,
    $geoip_latitude: location?.latitude,
    $geoip_longitude: location?.longitude,
    $geoip_subdivision_1_name: first?.names?.en,
    $geoip_subdivision_1_code: first?.iso_code,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}

/** What a caller sent, with the place of its address where it said nothing or null (E149). */
export function filled(sent: JsonObject | undefined, place: JsonObject): JsonObject | undefined {
  if (place === NONE) return sent;
  if (sent === undefined) return place;
  const missing = Object.entries(place).filter(([key]) => valueOf(sent, key) === null);
  return missing.length === 0 ? sent : { ...sent, ...Object.fromEntries(missing) };
}

/** Whether a caller says that it is somewhere else. */
export function differs(sent: JsonObject | undefined, place: JsonObject): boolean {
  if (sent === undefined) return false;
  return Object.entries(place).some(([key, value]) => ![null, value].includes(valueOf(sent, key)));
}

function valueOf(sent: JsonObject, key: string): JsonValue {
  return Object.hasOwn(sent, key) ? (sent[key] as JsonValue) : null;
}
