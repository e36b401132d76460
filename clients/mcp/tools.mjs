import { PostHogAgentToolkit } from '@posthog/agent-toolkit/tools';
import { createInterface } from 'node:readline';

/*
 * PostHog's MCP tools as a program: a line of JSON in, `{"host", "key", "name", "input"}`, a line of JSON out, `{"answer"}` with what the tool
 * says or `{"error"}`. Input is read by the tool's own schema, as its server does. Without a name: the names of all tools.
 */
for await (const line of createInterface({ input: process.stdin })) {
  const { host, key, name, input } = JSON.parse(line);
  let said;
  try {
    const toolkit = new PostHogAgentToolkit({ posthogApiBaseUrl: host, posthogApiToken: key });
    const tools = await toolkit.getTools();
    if (name === undefined) said = { answer: tools.map((tool) => tool.name) };
    else {
      const wanted = tools.find((tool) => tool.name === name);
      if (wanted === undefined) throw new Error(`no tool ${name} for this key`);
      const { content } = await wanted.handler(toolkit.getContext(), wanted.schema.parse(input));
      const { text } = content[0];
      said = { answer: /^[[{]/.test(text) ? JSON.parse(text) : text };
    }
  } catch (error) {
    said = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
