import { spawnSync } from 'node:child_process';
import t from 'tap';
import {
  describeExit,
  type EngineExit,
  type EngineProcessOptions,
  startEngineProcess,
} from './engine-process.ts';
import { isAlive } from './fixtures/is-alive.ts';
import { PortTakenError } from './port-taken-error.ts';

function engine(script: string, more: Partial<EngineProcessOptions> = {}): EngineProcessOptions {
  return {
    engine: 'Toy',
    port: 1,
    command: process.execPath,
    args: ['-e', script],
    ready: /^serving$/,
    stopSignal: 'SIGTERM',
    ...more,
  };
}

const serve = "console.log('serving'); setInterval(() => {}, 1000);";

t.test('an engine that dies at start says why in its own words', async (t) => {
  await t.rejects(startEngineProcess(engine("console.error('no disk left'); process.exit(3)")), {
    message: /Toy did not start: exit 3\n {2}no disk left/,
  });
});

t.test('an engine that finds its port taken is told from other failures', async (t) => {
  const started = startEngineProcess(
    engine("console.error('bind: Address already in use'); process.exit(1)", { port: 6379 }),
  );
  const error: unknown = await started.catch((reason: unknown) => reason);
  t.ok(error instanceof PortTakenError);
  t.match(error, {
    port: 6379,
    message: 'Toy cannot start: port 6379 on 127.0.0.1 is taken by another process',
  });
});

t.test('an engine that never serves is given up and does not stay behind', async (t) => {
  const script = 'console.log(process.pid); setInterval(() => {}, 1000);';
  const error = await startEngineProcess(engine(script, { startDeadlineMs: 500 })).catch(
    (reason: unknown) => reason,
  );
  const pid = Number(/\n {2}(\d+)$/.exec((error as Error).message)?.[1]);
  t.match((error as Error).message, 'Toy did not start: not ready after 0.5 s');
  t.notOk(isAlive(pid));
});

t.test('a program that is not there is named', async (t) => {
  await t.rejects(startEngineProcess(engine('', { command: '/nowhere/toy' })), {
    message: 'Toy could not be run: /nowhere/toy',
  });
});

t.test('an engine that dies later is reported once, with its last lines', async (t) => {
  const exits: EngineExit[] = [];
  const toy = await startEngineProcess(engine(serve, { onExit: (exit) => exits.push(exit) }));
  t.ok(toy.isRunning());
  toy.kill('SIGKILL');
  await toy.exited;
  await toy.stop();
  t.notOk(toy.isRunning());
  t.match(exits, [{ engine: 'Toy', exitCode: null, signal: 'SIGKILL', lastLines: ['serving'] }]);
  t.equal(exits.length, 1);
  const [exit] = exits;
  t.equal(exit && describeExit(exit), 'Toy stopped unexpectedly (killed by SIGKILL); its last line: serving');
});

t.test('an engine that is asked to stop is not reported', async (t) => {
  let reported = false;
  const toy = await startEngineProcess(engine(serve, { onExit: () => (reported = true) }));
  await toy.stop();
  t.notOk(isAlive(toy.pid));
  t.notOk(reported);
});

t.test('an engine that ignores the request to stop is killed after the grace', async (t) => {
  const stubborn = `process.on('SIGTERM', () => {}); ${serve}`;
  const toy = await startEngineProcess(engine(stubborn, { stopGraceMs: 300 }));
  await toy.stop();
  t.equal((await toy.exited).signal, 'SIGKILL');
});

t.test('a frozen engine can still be stopped', async (t) => {
  const toy = await startEngineProcess(engine(serve));
  toy.kill('SIGSTOP');
  await toy.stop();
  t.equal((await toy.exited).signal, 'SIGTERM');
});

t.test('an engine leads its own process group, out of reach of Ctrl-C', async (t) => {
  const toy = await startEngineProcess(engine(serve));
  const group = spawnSync('ps', ['-o', 'pgid=', '-p', String(toy.pid)], { encoding: 'utf8' }).stdout.trim();
  t.equal(group, String(toy.pid));
  await toy.stop();
});

t.test('an engine sees nothing of the environment of clouds and other servers', async (t) => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-9', PGDATABASE: 'other' });
  const script = 'console.log(process.env.AWS_REGION, process.env.PGDATABASE); process.exit(1)';
  await t.rejects(startEngineProcess(engine(script)), { message: /undefined undefined/ });
});

t.test('a caller that asks no line of readiness sees all lines and adds to the environment', async (t) => {
  const lines: string[] = [];
  const script = "console.log(process.env.COLOUR); console.error('done')";
  const toy = await startEngineProcess(
    engine(script, { ready: 'spawn', environment: { COLOUR: 'green' }, onLine: (line) => lines.push(line) }),
  );
  await toy.exited;
  t.same(lines.toSorted(), ['done', 'green']);
});
