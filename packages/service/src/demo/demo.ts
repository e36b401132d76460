/** Public token of the demo project. */
export const demoToken = 'phc_halyard_demo';

/** What the printed command line asks: a stored person, an organization and a device. */
export const demoRequest = {
  token: demoToken,
  distinct_id: 'ada',
  groups: { organization: 'acme' },
  device_id: 'demo-phone',
};

/** A line that can be pasted into a shell and answers with the demo flags. */
export function demoCurl(url: string): string {
  return `curl -s '${url}/flags?v=2' -H 'content-type: application/json' -d '${JSON.stringify(demoRequest)}'`;
}
