import { type JsonObject, type JsonValue, member } from '@halyard/json';

/** Event properties that become properties of the person (I70). */
const LIFTED = (
  '$app_build $app_name $app_namespace $app_version $browser $browser_version $device_type $current_url $pathname $os ' +
  '$os_version $referring_domain $referrer $screen_height $screen_width $viewport_height $viewport_width $raw_user_agent ' +
  'utm_source utm_medium utm_campaign utm_content utm_name utm_term gclid gad_source gclsrc dclid gbraid wbraid fbclid ' +
  'msclkid twclid li_fat_id mc_cid igshid ttclid rdt_cid irclid _kx epik qclid sccid'
).split(' ');

const LIFTED_KEYS = new Set([...LIFTED, '$os_name']);

/** Those that a server tells of itself. */
const OF_THE_MACHINE = new Set(['$os', '$os_version']);

/** What is added to `$set` and, by its name of the first time, to `$set_once` (I70). */
export function liftedProperties(properties: JsonObject): [key: string, initialKey: string, value: JsonValue][] {
  const isServer = member(properties, '$is_server') === true;
  return LIFTED.flatMap((key) => {
    if (isServer && OF_THE_MACHINE.has(key)) return [];
    const own = member(properties, key);
    const value = own === undefined && key === '$os' && !isServer ? member(properties, '$os_name') : own;
    return value === undefined ? [] : [[key, initialKey(key), value] as [string, string, JsonValue]];
  });
}

function initialKey(key: string): string {
  return `$initial_${key.replace(/^\$/, '')}`;
}

/** Keys that a merge drops last when there is too much (I77). */
export function isKept(key: string): boolean {
  return key === 'email' || key === 'name' || key.startsWith('$initial_') || LIFTED_KEYS.has(key);
}
