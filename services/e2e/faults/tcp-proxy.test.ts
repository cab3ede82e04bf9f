import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { startTcpProxy } from './tcp-proxy.ts';

/** A server that sends back what it gets, behind a proxy, and a client of it. */
async function echoBehindProxy(t: Test) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startTcpProxy((server.address() as AddressInfo).port, () => 0.5);
  const dial = async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    // Asked for at once: a refused connection may be gone before anybody looks.
    const gone = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([gone, new Promise((resolve) => socket.once('connect', resolve))]);
    return { socket, gone };
  };
  t.teardown(async () => {
    await proxy.close();
    server.close();
  });
  const echo = async (socket: Socket, text: string) => {
    let heard = '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    socket.write(text);
    while (heard.length < text.length) await once(socket, 'data');
    socket.removeAllListeners('data');
    return heard;
  };
  return { proxy, dial, echo };
}

t.test('bytes pass whole and in order, late when told so', async (t) => {
  const { proxy, dial, echo } = await echoBehindProxy(t);
  const { socket } = await dial();
  const large = 'x'.repeat(3_000_000);
  t.equal(await echo(socket, large), large);
  proxy.set({ latencyMs: 60, jitterMs: 20 });
  const startedAt = performance.now();
  t.equal(await echo(socket, 'one two three'), 'one two three');
  t.ok(performance.now() - startedAt >= 120, 'there and back');
});

t.test('what is stalled passes once it may', async (t) => {
  const { proxy, dial, echo } = await echoBehindProxy(t);
  const { socket } = await dial();
  proxy.set({ stalled: true });
  let heard = '';
  const echoed = echo(socket, 'hello').then((text) => (heard = text));
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.equal(heard, '');
  proxy.set({});
  t.equal(await echoed, 'hello');
});

t.test('connections are cut, reset in mid-sentence, refused', async (t) => {
  const { proxy, dial, echo } = await echoBehindProxy(t);
  const cut = await dial();
  await echo(cut.socket, 'hello');
  proxy.cut('close');
  await cut.gone;

  proxy.set({ resetAfterBytes: 10 });
  const reset = await dial();
  let heard = '';
  reset.socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  reset.socket.write('0123456789abcdef');
  await reset.gone;
  t.ok(heard.length < 16, `heard ${heard}`);

  proxy.set({ refusing: true });
  const refused = await dial();
  await refused.gone;
  t.ok(refused.socket.destroyed);
});
