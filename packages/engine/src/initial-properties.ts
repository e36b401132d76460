const TRACKED = (
  '$app_build $app_name $app_namespace $app_version $browser $browser_version $device_type $current_url $pathname $os $os_name ' +
  '$os_version $referring_domain $referrer $screen_height $screen_width $viewport_height $viewport_width $raw_user_agent ' +
  'utm_source utm_medium utm_campaign utm_content utm_term gclid gad_source gclsrc dclid gbraid wbraid fbclid msclkid twclid ' +
  'li_fat_id mc_cid igshid ttclid rdt_cid epik qclid sccid irclid _kx'
).split(' ');

/** `$initial_…` property → the current property that fills it when it is absent (E148). */
export const INITIAL_SOURCES: ReadonlyMap<string, string> = new Map(
  TRACKED.map((key) => [`$initial_${key.startsWith('$') ? key.slice(1) : key}`, key]),
);

/** E147: the two names of the operating system; each stands in for the other. */
export function osAlias(key: string): string | null {
  if (key === '$os') return '$os_name';
  return key === '$os_name' ? '$os' : null;
}
