import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of an AWS service that speaks JSON. */
export interface AwsCall {
  /** As in its `x-amz-target`: `BatchWriteItem`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AwsAnswer {
  readonly status: number;
  readonly output: Readonly<Record<string, unknown>>;
}

/** Answers calls in the service's place, which it may ask itself. */
export type AwsTrouble = (
  call: AwsCall,
  forward: (input: AwsCall['input']) => Promise<AwsAnswer>,
) => Promise<AwsAnswer>;

/** A proxy of ours in front of an AWS service's emulator: where TCP knows bytes, it knows calls. */
export interface AwsProxy {
  readonly port: number;
  /** Replaces what it does with calls; undefined lets them pass as they are. */
  set(trouble: AwsTrouble | undefined): void;
  close(): Promise<void>;
}

/** The service's answer to a call it refuses. */
export function awsRefusal(status: number, type: string, message: string): AwsAnswer {
  return { status, output: { __type: type, message } };
}

/** Listens on a free port of loopback and passes calls on to another one; a service that is away looks as if it were away. */
export async function startAwsProxy(targetPort: number): Promise<AwsProxy> {
  let trouble: AwsTrouble | undefined;
  const agent = new Agent({ keepAlive: true });

  const ask = async (from: IncomingMessage, body: Buffer) => {
    const { socket } = from;
    const onward = request({
      ...{ agent, host: '127.0.0.1', port: targetPort, method: from.method, path: from.url },
      headers: { ...from.headers, connection: 'keep-alive', 'content-length': body.length },
    });
    // A poll nobody waits for any more must not take messages.
    const giveUp = () => onward.destroy();
    socket.once('close', giveUp);
    try {
      onward.end(body);
      const [answer] = (await once(onward, 'response')) as [IncomingMessage];
      return { answer, body: await wholeBody(answer) };
    } finally {
      socket.off('close', giveUp);
    }
  };

  const serve = async (from: IncomingMessage, to: ServerResponse) => {
    const body = await wholeBody(from);
    const operation = String(from.headers['x-amz-target'] ?? '').split('.')[1];
    if (!trouble || operation === undefined) {
      const passed = await ask(from, body);
      to.writeHead(passed.answer.statusCode!, { ...passed.answer.headers, connection: 'keep-alive' });
      to.end(passed.body);
      return;
    }
    const { status, output } = await trouble(
      { operation, input: JSON.parse(body.toString()) as AwsCall['input'] },
      async (input) => {
        const asked = await ask(from, Buffer.from(JSON.stringify(input)));
        const text = asked.body.toString();
        return {
          status: asked.answer.statusCode!,
          output: (text === '' ? {} : JSON.parse(text)) as AwsAnswer['output'],
        };
      },
    );
    const text = JSON.stringify(output);
    to.writeHead(status, {
      'content-type': from.headers['content-type'],
      'content-length': Buffer.byteLength(text),
    });
    to.end(text);
  };

  const server = createServer((from, to) => {
    serve(from, to).catch(() => from.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      trouble = next;
    },
    async close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function wholeBody(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
