import { setTimeout as delay } from 'node:timers/promises';
import { type ClusterClient, ClusterError } from './cluster-client.ts';
import type { ClusterObject } from './cluster-objects.ts';

/** A local copy of one kind, kept by list and watch. */
export interface ResourceWatch<T> {
  list(): readonly T[];
  get(name: string, namespace: string): T | undefined;
  /** Resolves when the first list is in. */
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

export interface ResourceWatchOptions<T extends ClusterObject> {
  readonly client: ClusterClient;
  /** Path of the collection, such as /apis/apps/v1/deployments. */
  readonly path: string;
  /** The parts of an object that are kept; objects that stay alike in them are no change. */
  readonly keep: (object: T) => T;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
  readonly relistMs: number;
  /** The kind may not be installed; it is looked for again at each relist. */
  readonly optional?: boolean;
}

interface List<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

const pageSize = 200;
const firstBackoffMs = 500;
const longestBackoffMs = 15_000;

const keyOf = ({ metadata }: ClusterObject) => `${metadata.namespace ?? ''}/${metadata.name}`;

/**
 * Lists, then watches from there on. A watch that ends in order goes on where it was; any other end, and the relist
 * period, lists anew: a watch behind a broken connection may stay silent for long.
 */
export function watchResource<T extends ClusterObject>(options: ResourceWatchOptions<T>): ResourceWatch<T> {
  const { client, path, keep, onChange, onError, relistMs, optional = false } = options;
  const synced = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let copy = new Map<string, T>();
  let failures = 0;

  /** True when the copy is another now; an update that touches nothing kept costs no look. */
  function put(into: Map<string, T>, object: T): boolean {
    const key = keyOf(object);
    const kept = keep(object);
    const before = copy.get(key);
    const same = before !== undefined && JSON.stringify(before) === JSON.stringify(kept);
    into.set(key, same ? before : kept);
    return !same;
  }

  async function listAll(): Promise<string> {
    const fresh = new Map<string, T>();
    let changed = false;
    let page: string | undefined;
    let resourceVersion = '';
    do {
      const list = await client.call<List<T>>('GET', path, {
        query: { limit: pageSize, continue: page },
      });
      for (const object of list.items) changed = put(fresh, object) || changed;
      page = list.metadata?.continue || undefined;
      resourceVersion = list.metadata?.resourceVersion ?? '';
    } while (page);
    changed ||= fresh.size !== copy.size;
    copy = fresh;
    synced.resolve();
    if (changed) onChange();
    return resourceVersion;
  }

  async function follow(from: string): Promise<void> {
    let resourceVersion = from;
    const relist = AbortSignal.any([
      stopping.signal,
      AbortSignal.timeout(Math.round(relistMs * (0.9 + Math.random() * 0.2))),
    ]);
    while (!relist.aborted) {
      try {
        await client.watch(
          path,
          { resourceVersion, allowWatchBookmarks: true },
          ({ type, object }) => {
            const one = object as T;
            resourceVersion = one.metadata.resourceVersion ?? resourceVersion;
            failures = 0;
            if (type === 'BOOKMARK') return;
            if (type === 'DELETED' ? copy.delete(keyOf(one)) : put(copy, one)) onChange();
          },
          relist,
        );
      } catch (error) {
        if (!relist.aborted) throw error;
      }
    }
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      let waitMs = 0;
      try {
        await follow(await listAll());
        failures = 0;
      } catch (error) {
        const status = error instanceof ClusterError ? error.status : undefined;
        if (optional && status === 404) {
          if (copy.size > 0) onChange();
          copy = new Map();
          synced.resolve();
          waitMs = relistMs;
        } else {
          // Gone (410) is part of the day: what the watch started from has been compacted.
          if (status !== 410) onError(error);
          waitMs = Math.min(firstBackoffMs * 2 ** failures++, longestBackoffMs);
        }
      }
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();

  return {
    list: () => [...copy.values()],
    get: (name, namespace) => copy.get(`${namespace}/${name}`),
    synced: synced.promise,
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
