import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Endpoint } from './endpoint.ts';

const problem = z.object({
  type: z.string(),
  code: z.string(),
  detail: z.string(),
  attr: z.string().nullable(),
});

const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

type Registry = OpenAPIHono['openAPIRegistry'];

/**
 * The OpenAPI document of the endpoints, by the schemas that read their bodies.
 *
 * @param version of Halyard
 */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): object {
  const hono = new OpenAPIHono();
  describeEndpoints(hono.openAPIRegistry, endpoints);
  return hono.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Halyard management API', version } });
}

function describeEndpoints(registry: Registry, endpoints: readonly Endpoint[]): void {
  const error = registry.register('Error', problem);
  registry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'halyard_session' });
  for (const each of endpoints) {
    const names = [...each.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const query = Object.entries(each.query ?? {}).map(([name, description]) => [
      name,
      z.string().optional().openapi({ description }),
    ]);
    registry.registerPath({
      method: each.method,
      path: each.path,
      operationId: operationId(each),
      summary: each.summary,
      security: securityOf(each),
      request: {
        ...(names.length === 0
          ? {}
          : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
        ...(query.length === 0 ? {} : { query: z.object(Object.fromEntries(query) as Record<string, z.ZodType>) }),
        ...(each.body === undefined ? {} : { body: json(each.body) }),
      },
      responses: {
        ...Object.fromEntries(
          Object.entries(each.answers).map(([status, answer]) => [
            status,
            typeof answer === 'string' ? { description: answer } : { description: each.summary, ...json(answer) },
          ]),
        ),
        default: { description: 'What is wrong.', ...json(error) },
      },
    });
  }
}

function operationId({ method, path }: Endpoint): string {
  const words = path
    .replace(/^\/api\//, '')
    .split(/[^\w]+/)
    .filter(Boolean);
  return [method, ...words].join('_');
}

function securityOf({ access }: Endpoint): Record<string, string[]>[] {
  if ('only' in access && access.only === 'nobody in particular') return [];
  if ('only' in access && access.only === 'session') return [{ session: [] }];
  return [{ key: [...(access.scopes ?? [])] }, { session: [] }];
}
