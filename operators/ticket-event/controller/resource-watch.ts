import {
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  ListWatch,
  Watch,
} from '@kubernetes/client-node';

/** A local copy of one kind, kept by list and watch. */
export interface ResourceWatch<T> {
  list(): readonly T[];
  get(name: string, namespace: string): T | undefined;
  /** Resolves when the first list is in. */
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

export interface ResourceWatchOptions<T extends KubernetesObject> {
  readonly config: KubeConfig;
  /** Path of the watch, such as /apis/apps/v1/deployments. */
  readonly path: string;
  readonly list: () => Promise<KubernetesListObject<T>>;
  readonly onChange: (object: T) => void;
  readonly onError: (error: unknown) => void;
  readonly relistMs: number;
  /** The kind may not be installed; it is looked for again at each relist. */
  readonly optional?: boolean;
}

/**
 * client-node's ListWatch stops for good on any error but 410 and a timeout, and a watch behind a broken connection may
 * stay silent: so it is started again after errors, and made anew at each relist.
 */
export function watchResource<T extends KubernetesObject>(
  options: ResourceWatchOptions<T>,
): ResourceWatch<T> {
  const { config, path, list, onChange, onError, relistMs, optional = false } = options;
  const synced = Promise.withResolvers<void>();
  let stopped = false;
  let current: ListWatch<T> | undefined;
  let copy: ListWatch<T> | undefined;
  let restart: NodeJS.Timeout | undefined;
  let failures = 0;

  function begin(): void {
    if (stopped) return;
    clearTimeout(restart);
    void current?.stop();
    const before = copy;
    let adding = true;
    const next = new ListWatch<T>(
      path,
      new Watch(config),
      async () => {
        const items = await list();
        // The list's own callbacks come first; after them this copy is whole.
        setImmediate(() => {
          adding = false;
          copy = next;
          failures = 0;
          for (const gone of before?.list() ?? []) {
            if (!next.get(gone.metadata?.name ?? '', gone.metadata?.namespace)) onChange(gone);
          }
          synced.resolve();
        });
        return items;
      },
      false,
    );
    current = next;
    const changed = (object: T) => {
      if (current !== next || stopped) return;
      if (adding && before) {
        const known = before.get(object.metadata?.name ?? '', object.metadata?.namespace);
        if (known?.metadata?.resourceVersion === object.metadata?.resourceVersion) return;
      }
      onChange(object);
    };
    next.on('change', changed);
    next.on('delete', changed);
    next.on('error', (error: unknown) => {
      if (current !== next || stopped) return;
      const missing = optional && (error as { code?: number }).code === 404;
      if (missing) synced.resolve();
      else onError(error);
      failures += 1;
      schedule(missing ? relistMs : Math.min(500 * 2 ** failures, 15_000));
    });
    schedule(relistMs * (0.9 + Math.random() * 0.2));
    void next.start();
  }

  function schedule(delayMs: number): void {
    clearTimeout(restart);
    restart = setTimeout(begin, delayMs);
  }

  begin();
  return {
    list: () => copy?.list() ?? [],
    get: (name, namespace) => copy?.get(name, namespace),
    synced: synced.promise,
    async stop() {
      stopped = true;
      clearTimeout(restart);
      await current?.stop();
    },
  };
}
