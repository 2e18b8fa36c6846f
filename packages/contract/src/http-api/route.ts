import type { z } from 'zod';

/** One HTTP call of an API, declared once: server routes, typed clients and the OpenAPI page derive from it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with `:name` parameters, every one of them a key of `params`. */
  readonly path: string;
  readonly summary: string;
  /** Whether a session token is needed (`Authorization: Bearer <token>`). */
  readonly session: boolean;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** JSON body, or raw bytes. */
  readonly body?: z.ZodObject | 'bytes';
  /** JSON answer, raw bytes, or a server-sent event stream. */
  readonly answer: z.ZodType | 'bytes' | 'events';
}

export type RouteTable = Readonly<Record<string, Route>>;

type InputOf<R extends Route> = (R['params'] extends z.ZodObject
  ? { params: z.infer<R['params']> }
  : { params?: never }) &
  (R['query'] extends z.ZodObject ? { query: z.infer<R['query']> } : { query?: never }) &
  (R['body'] extends z.ZodObject
    ? { body: z.infer<R['body']> }
    : R['body'] extends 'bytes'
      ? { body: Uint8Array }
      : { body?: never });

type AnswerOf<R extends Route> = R['answer'] extends z.ZodType ? z.infer<R['answer']> : Uint8Array;

export type RouteInput<R extends Route> = InputOf<R>;
export type RouteAnswer<R extends Route> = AnswerOf<R>;
