import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from './register-route.ts';
import { sendError } from './send-error.ts';

/** Answers a request no route takes. */
export type AnswerUnknownPath = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers 405 with Allow where the path exists under another method, else 404. Fastify alone answers 404 to both. */
export function handleUnknownPaths(app: HttpApp): AnswerUnknownPath {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  const answer: AnswerUnknownPath = (request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const allowed = new Set<string>();
    for (const { pattern, methods } of routes.values()) {
      if (pattern.test(path)) for (const method of methods) allowed.add(method);
    }
    if (allowed.size === 0) return sendError(reply, 'not_found', 'There is no such endpoint');
    const allow = [...allowed].sort().join(', ');
    void reply.header('allow', allow);
    return sendError(reply, 'method_not_allowed', `This endpoint takes ${allow}`);
  };
  app.setNotFoundHandler(answer);
  return answer;
}

/** The routes of this project are literal segments, `:name` parameters and a trailing `*`. */
function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*$/, '.*')
    .replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
