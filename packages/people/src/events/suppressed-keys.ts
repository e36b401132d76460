const ofGeoip = [
  'postal_code time_zone latitude longitude accuracy_radius',
  'subdivision_1_code subdivision_2_code subdivision_3_code subdivision_1_name subdivision_2_name subdivision_3_name',
  'city_confidence country_confidence postal_code_confidence subdivision_1_confidence subdivision_2_confidence',
].flatMap((keys) => keys.split(' ').map((key) => `$geoip_${key}`));

const ofTheVisit = (
  '$current_url $pathname $referring_domain $referrer $screen_height $screen_width $viewport_height $viewport_width ' +
  '$browser $browser_version $device_type $raw_user_agent $os $os_name $os_version'
).split(' ');

/** Keys whose change alone is no reason to write a person (I74): they differ from page to page. */
export const SUPPRESSED_KEYS: ReadonlySet<string> = new Set([...ofTheVisit, ...ofGeoip]);
