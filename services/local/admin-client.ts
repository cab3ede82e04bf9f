/** Where public-api's internal port is, and what opens it. */
export interface AdminAddress {
  readonly url: string;
  readonly token: string;
}

/** Calls the admin API; rejects with its error's words. `Answer` is what the endpoint's contract says it answers. */
export async function callAdmin<Answer = unknown>(
  admin: AdminAddress,
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  body?: unknown,
): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(admin.url + path, {
      method,
      headers: {
        authorization: `Bearer ${admin.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (error) {
    throw new Error(`No answer from ${admin.url}: ${String((error as Error).cause ?? error)}`, {
      cause: error,
    });
  }
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${messageOf(text)}`);
  }
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** Publishes a TicketEvent; repeating it changes nothing. */
export async function publishTicketEvent(
  admin: AdminAddress,
  ticketEvent: unknown,
): Promise<{ eventId: string }> {
  return callAdmin(admin, 'PUT', '/admin/ticket-events', ticketEvent);
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message: string }).message;
  } catch {
    return text;
  }
}
