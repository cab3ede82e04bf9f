import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpApp } from './register-route.ts';

/** Answers a request, or leaves it to those after it by giving false. */
export type Take = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Offers every request of the app's port to `take` before the framework, and whatever was put there before, sees it. */
export function putAhead(app: HttpApp, take: Take): void {
  const { server } = app;
  const rest = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (take(request, response)) return;
    for (const listener of rest) listener(request, response);
  });
}
