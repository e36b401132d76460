/** Public token of the demo project. */
export const demoToken = 'phc_halyard_demo';

/** Secret token of the demo project: no secret, like the project. It opens this project's definitions and nothing else. */
export const demoSecretKey = 'phs_halyard_demo';

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

/** Lines for an application that evaluates the demo flags in its own process. */
export function demoLocalCode(url: string): readonly string[] {
  return [
    `import { PostHog } from 'posthog-node';`,
    `const posthog = new PostHog('${demoToken}', { host: '${url}', secretKey: '${demoSecretKey}' });`,
    `const flags = await posthog.evaluateFlags('ada', { personProperties: { plan: 'pro' }, onlyEvaluateLocally: true });`,
    `console.log(flags.getFlag('pro-reports'));`,
    `await posthog.shutdown();`,
  ];
}
