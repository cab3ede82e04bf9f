import t from 'tap';
import { type ClusterClient, ClusterError, type WatchEvent } from './cluster-client.ts';
import type { ClusterObject } from './cluster-objects.ts';
import { watchResource } from './resource-watch.ts';
import { until } from './until-fixture.ts';

type Thing = ClusterObject & { readonly size: number; readonly noise?: number };
const thing = (name: string, size: number, resourceVersion = '1'): Thing => ({
  metadata: { name, namespace: 'shop', resourceVersion },
  size,
  noise: Math.random(),
});

/** An API server of one kind: what it lists, and the watches it was asked for. */
interface ApiServer {
  things: readonly Thing[];
  lists: number;
  failure: Error | undefined;
  readonly watches: {
    readonly from: unknown;
    send(type: WatchEvent['type'], object: Thing): void;
    end(error?: Error): void;
  }[];
  readonly client: ClusterClient;
}

function apiServer(first: readonly Thing[]): ApiServer {
  const server: ApiServer = {
    things: first,
    lists: 0,
    failure: undefined,
    watches: [],
    client: {
      async call(_method, _path, { query = {} } = {}) {
        if (server.failure) throw server.failure;
        server.lists += 1;
        // One thing a page.
        const at = Number(query['continue'] ?? 0);
        return {
          items: server.things.slice(at, at + 1),
          metadata: {
            resourceVersion: '10',
            ...(at + 1 < server.things.length ? { continue: String(at + 1) } : {}),
          },
        } as never;
      },
      async watch(_path, query, onEvent, signal) {
        const ended = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => ended.reject(new Error('aborted')));
        server.watches.push({
          from: query?.['resourceVersion'],
          send: (type, object) => onEvent({ type, object }),
          end: (error) => (error ? ended.reject(error) : ended.resolve()),
        });
        await ended.promise;
      },
      close() {},
    },
  };
  return server;
}

function follow(server: ApiServer, over: { relistMs?: number; optional?: boolean } = {}) {
  const seen = { changes: 0, errors: [] as unknown[] };
  const watch = watchResource<Thing>({
    client: server.client,
    path: '/things',
    keep: ({ metadata: { name, namespace = '' }, size }) => ({ metadata: { name, namespace }, size }),
    onChange: () => {
      seen.changes += 1;
    },
    onError: (error) => seen.errors.push(error),
    relistMs: 60_000,
    ...over,
  });
  return { watch, seen };
}

t.test('a copy follows the list and the watch, page by page, and holds only what is kept', async (t) => {
  const server = apiServer([thing('a', 1), thing('b', 2)]);
  const { watch, seen } = follow(server);
  await watch.synced;
  t.same(watch.list(), [
    { metadata: { name: 'a', namespace: 'shop' }, size: 1 },
    { metadata: { name: 'b', namespace: 'shop' }, size: 2 },
  ]);
  t.equal(seen.changes, 1, 'a list is one change');
  await until(() => server.watches.length === 1);
  const [first] = server.watches;
  t.equal(first!.from, '10');
  const before = watch.get('a', 'shop');
  first!.send('MODIFIED', thing('a', 1, '11'));
  t.equal(seen.changes, 1, 'only what is not kept is another');
  t.equal(watch.get('a', 'shop'), before, 'and the object stays the same one');
  first!.send('MODIFIED', thing('a', 5, '12'));
  first!.send('DELETED', thing('b', 2, '13'));
  first!.send('BOOKMARK', thing('', 0, '20'));
  t.equal(seen.changes, 3);
  t.same(
    watch.list().map(({ size }) => size),
    [5],
  );

  t.comment('an end in order goes on where it was');
  first!.end();
  await until(() => server.watches.length === 2);
  t.equal(server.watches[1]!.from, '20');
  t.equal(server.lists, 2, 'without listing again');
  await watch.stop();
});

t.test('after an error the copy is listed anew; what went away meanwhile is noticed', async (t) => {
  const server = apiServer([thing('a', 1), thing('b', 2)]);
  const { watch, seen } = follow(server);
  await until(() => server.watches.length === 1);
  server.things = [thing('a', 1)];
  server.watches[0]!.end(new ClusterError(410, 'too old'));
  await until(() => server.watches.length === 2);
  t.equal(seen.changes, 2);
  t.equal(seen.errors.length, 0, 'a watch grown too old is part of the day');
  t.equal(watch.get('b', 'shop'), undefined);

  server.failure = new Error('cut off');
  server.watches[1]!.end(new Error('cut off'));
  await until(() => seen.errors.length >= 2);
  t.equal(watch.list().length, 1, 'the copy stays while the API server is away');
  server.failure = undefined;
  await until(() => server.watches.length === 3);
  t.equal(seen.changes, 2, 'nothing was another');
  await watch.stop();
});

t.test('a silent watch is given up at the relist', async (t) => {
  const server = apiServer([thing('a', 1)]);
  const { watch, seen } = follow(server, { relistMs: 50 });
  await until(() => server.watches.length === 1);
  server.things = [thing('a', 7)];
  await until(() => seen.changes === 2);
  t.equal(watch.get('a', 'shop')?.size, 7);
  t.equal(seen.errors.length, 0);
  await watch.stop();
});

t.test('a kind that is not installed is an empty copy, looked for again later', async (t) => {
  const server = apiServer([thing('a', 1)]);
  server.failure = new ClusterError(404, 'not found');
  const { watch, seen } = follow(server, { relistMs: 30, optional: true });
  await watch.synced;
  t.same(watch.list(), []);
  t.equal(seen.errors.length, 0);
  server.failure = undefined;
  await until(() => watch.list().length === 1);
  await watch.stop();
});
