import { z } from 'zod';
import type { Route, RouteTable } from './route.ts';

/** The OpenAPI 3.1 description of a route table, as plain JSON. Refusals of every route have one form: `{code, message}` (errors/table.ts). */
export function openApiOf(routes: RouteTable, info: { title: string; version: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Refusal: {
          type: 'object',
          properties: { code: { type: 'string' }, message: { type: 'string' } },
          required: ['code', 'message'],
        },
      },
    },
  };
}

function operationOf(name: string, route: Route): object {
  const parameters = [...parametersIn('path', route.params), ...parametersIn('query', route.query)];
  return {
    operationId: name,
    summary: route.summary,
    ...(route.session ? { security: [{ session: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: bodyContent(route.body) } } : {}),
    responses: {
      200: { description: 'done', content: answerContent(route.answer) },
      default: {
        description: 'refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    },
  };
}

function parametersIn(where: 'path' | 'query', schema: z.ZodObject | undefined): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => ({
    name,
    in: where,
    required: true,
    schema: jsonSchema(value as z.ZodType, 'input'),
  }));
}

const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };

const bodyContent = (body: NonNullable<Route['body']>): object =>
  body === 'bytes' ? bytes : { 'application/json': { schema: jsonSchema(body, 'input') } };

function answerContent(answer: Route['answer']): object {
  if (answer === 'bytes') return bytes;
  if (answer === 'events') return { 'text/event-stream': { schema: { type: 'string' } } };
  return { 'application/json': { schema: jsonSchema(answer, 'output') } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
}
