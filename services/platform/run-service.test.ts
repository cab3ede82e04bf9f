import { Agent, get } from 'node:http';
import t from 'tap';
import { type FixtureLine, startFixtureService } from './testing/start-fixture-service.ts';

interface Answer {
  status: number;
  body: any;
  connection: string | undefined;
}

function ask(port: number, path: string, options: { agent?: Agent; token?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(
      {
        host: '127.0.0.1',
        port,
        path,
        agent: options.agent,
        headers: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            body: text.startsWith('{') ? JSON.parse(text) : text,
            connection: response.headers.connection,
          }),
        );
      },
    );
    request.on('error', reject);
  });
}

// Many processes, each of which loads the platform; a busy machine takes its time.
t.setTimeout(240_000);

const isFatal = (line: FixtureLine) => line.level === 'fatal';
const events = (service: { lines: readonly FixtureLine[] }) =>
  service.lines.map((line) => line.step ?? line.event).filter((event) => event !== undefined);

t.test('a signal drains: unready first, requests under way answered, steps in reverse, exit 0', async (t) => {
  const service = startFixtureService(t, {
    PRE_STOP_DELAY_MS: '2500',
    ADMIN_TOKEN: 'an-admin-token-of-mine',
  });
  const { port, internalPort } = await service.serving;
  t.equal((await ask(internalPort, '/readyz')).status, 200);
  t.equal((await ask(port, '/readyz')).status, 404, 'the public port knows nothing of it');
  t.equal((await ask(port, '/metrics')).status, 404);
  t.equal((await ask(internalPort, '/admin/whoami')).status, 401);
  t.equal((await ask(internalPort, '/admin/whoami', { token: 'an-admin-token-of-mine' })).status, 200);

  const slow = ask(port, '/slow/4000', { agent: new Agent({ keepAlive: true }) });
  await ask(port, '/pid');
  service.child.kill('SIGTERM');
  let readiness = await ask(internalPort, '/readyz');
  while (readiness.status === 200) readiness = await ask(internalPort, '/readyz');
  t.match(readiness, {
    status: 503,
    body: { ready: false, state: 'draining', checks: { always: { ok: true } } },
  });
  t.equal((await ask(internalPort, '/healthz')).status, 200, 'unready is not dead');
  t.equal((await ask(port, '/pid')).status, 200, 'still taken while the load balancer takes notice');
  t.equal((await slow).status, 200);
  t.equal(await service.exited, 0);
  // On a busy machine a pipe has been seen to deliver lines out of order: the steps count their turns themselves.
  t.same(
    events(service).sort(),
    ['serving', 'stopping', 'last started', 'failing', 'first started', 'stopped'].sort(),
  );
  t.match(
    service.lines.filter((line) => line.turn !== undefined).sort((a, b) => a.turn! - b.turn!),
    [{ step: 'last started' }, { step: 'first started' }],
  );
});

t.test('answers say connection: close before the port is closed', async (t) => {
  const service = startFixtureService(t);
  const { port } = await service.serving;
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  t.equal((await ask(port, '/pid', { agent })).connection, 'keep-alive');
  service.child.kill('SIGTERM');
  let last: Answer | undefined;
  for (;;) {
    const answer = await ask(port, '/pid', { agent }).catch(() => undefined);
    if (answer === undefined) break;
    last = answer;
  }
  t.equal(last?.connection, 'close');
  t.equal(await service.exited, 0);
});

t.test('a rolling restart under load loses no request', async (t) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  t.teardown(() => agent.destroy());
  const replicas = [startFixtureService(t), startFixtureService(t, { PRE_STOP_DELAY_MS: '2000' })];
  const [next, old] = await Promise.all(replicas.map((replica) => replica.serving));
  // The switch a load balancer is: it goes by readiness, which it asks now and then.
  let target = old!.port;
  const watch = setInterval(() => {
    void ask(old!.internalPort, '/readyz')
      .then(({ status }) => status === 200)
      .catch(() => false)
      .then((ready) => {
        if (!ready) target = next!.port;
      });
  }, 50);
  t.teardown(() => clearInterval(watch));

  const statuses = new Map<string, number>();
  let isOver = false;
  const client = async (client: number) => {
    for (let call = 0; !isOver; call++) {
      const port = target;
      const path = call % 10 === 0 ? `/slow/${10 * client}` : '/pid';
      const result = await ask(port, path, { agent }).then(
        ({ status }) => `${status} ${port === old!.port ? 'old' : 'new'}`,
        (error) => `lost: ${error.message}`,
      );
      statuses.set(result, (statuses.get(result) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: 8 }, (_, index) => client(index));
  const answered = async (by: string) => {
    while (!((statuses.get(`200 ${by}`) ?? 0) > 20)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await answered('old');
  replicas[1]!.child.kill('SIGTERM');
  t.equal(await replicas[1]!.exited, 0);
  await answered('new');
  isOver = true;
  await Promise.all(clients);
  t.same([...statuses.keys()].sort(), ['200 new', '200 old'], JSON.stringify([...statuses]));
});

t.test('bad settings end it with every one of them named', async (t) => {
  const service = startFixtureService(t, { NEEDED: '', PORT: 'x' });
  t.equal(await service.exited, 1);
  t.match(
    service.stderr(),
    /fixture: Bad configuration:\n {2}NEEDED is missing[^]*PORT should be a whole number/,
  );
});

t.test('a start that fails undoes what was started and exits 1', async (t) => {
  const service = startFixtureService(t, { FAIL_START: 'yes' });
  t.equal(await service.exited, 1);
  t.same(events(service).sort(), ['start_failed', 'last started', 'failing', 'first started'].sort());
  t.match(service.lines.find(isFatal), { level: 'fatal', err: { message: 'no engine' } });
});

t.test('a port that is taken is a start that fails', async (t) => {
  const first = startFixtureService(t);
  const { port } = await first.serving;
  const second = startFixtureService(t, { PORT: String(port) });
  t.equal(await second.exited, 1);
  t.match(second.lines.find(isFatal), { event: 'start_failed', err: { code: 'EADDRINUSE' } });
});

for (const path of ['/crash', '/forgotten']) {
  t.test(`an error nobody caught is logged, drained for, and exits 1 (${path})`, async (t) => {
    const service = startFixtureService(t, { PRE_STOP_DELAY_MS: '60000' });
    const { port } = await service.serving;
    const slow = ask(port, '/slow/400');
    await ask(port, path);
    t.equal((await slow).status, 200);
    t.equal(await service.exited, 1);
    t.match(
      service.lines.find((line) => line.event === 'crashed'),
      { level: 'fatal', err: { message: /nobody/ } },
    );
  });
}

t.test('a shutdown that hangs is cut', async (t) => {
  const service = startFixtureService(t, { HANG_STOP: 'yes', SHUTDOWN_LIMIT_MS: '600' });
  await service.serving;
  service.child.kill('SIGINT');
  t.equal(await service.exited, 1);
  t.match(service.lines.find(isFatal), { level: 'fatal', event: 'shutdown_timeout' });
});

t.test('it ends with its parent', async (t) => {
  const service = startFixtureService(t);
  await service.serving;
  service.child.disconnect();
  t.equal(await service.exited, 0);
});
