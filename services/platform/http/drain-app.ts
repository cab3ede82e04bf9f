import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpApp } from './register-route.ts';

/**
 * How long answers carry `connection: close` while connections are still taken. A client told so opens its next
 * connection elsewhere; one whose idle connection is simply closed may be sending into it that very moment.
 */
const lameDuckMs = 250;

/** Ends an app without losing a request: tells its clients, stops listening, answers what is under way. */
export async function drainApp(app: HttpApp): Promise<void> {
  const { server } = app;
  // Added only now: while serving it costs nothing.
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  await new Promise((resolve) => setTimeout(resolve, lameDuckMs));
  const closed = app.close();
  // A request under way since before the drain leaves its connection open, and closing would wait for its idle timeout.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
  }
}
