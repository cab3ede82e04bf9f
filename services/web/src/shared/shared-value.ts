/** A value all tabs of this browser share. */
export interface SharedValue<Value> {
  get(): Value;
  set(value: Value): void;
  /** Called after every change, of this tab or another. */
  subscribe(listener: () => void): () => void;
}

/** Where tabs meet: localStorage, or a stand-in. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Announces what other tabs change. */
export type TabEvents = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

/**
 * A {@link SharedValue} in `store` under `key`. What cannot be read, as of an older page, counts as nothing; a browser that
 * keeps nothing still has the value for this tab.
 */
export function createSharedValue<Value>(
  key: string,
  nothing: Value,
  store: TextStore,
  tabs: TabEvents,
): SharedValue<Value> {
  const listeners = new Set<() => void>();
  const read = (): Value => {
    try {
      const text = store.getItem(key);
      return text === null ? nothing : (JSON.parse(text) as Value);
    } catch {
      return nothing;
    }
  };
  let value = read();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const onOtherTab = (event: Event) => {
    const changed = (event as StorageEvent).key;
    if (changed !== key && changed !== null) return;
    value = read();
    tell();
  };
  return {
    get: () => value,
    set(next) {
      value = next;
      try {
        if (next === nothing) store.removeItem(key);
        else store.setItem(key, JSON.stringify(next));
      } catch {
        // Private windows may refuse; the tab goes on by itself.
      }
      tell();
    },
    subscribe(listener) {
      if (listeners.size === 0) tabs.addEventListener('storage', onOtherTab);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) tabs.removeEventListener('storage', onOtherTab);
      };
    },
  };
}
