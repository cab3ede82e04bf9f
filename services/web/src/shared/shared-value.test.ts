import t from 'tap';
import { createSharedValue } from './shared-value.ts';

function browser() {
  const kept = new Map<string, string>();
  const tabs = new EventTarget();
  return {
    kept,
    tabs,
    store: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
      removeItem: (key: string) => void kept.delete(key),
    },
  };
}

const changed = (key: string | null) => Object.assign(new Event('storage'), { key });

t.test('a value outlives the tab, and nothing leaves nothing behind', async (t) => {
  const { store, tabs, kept } = browser();
  createSharedValue<string | null>('k', null, store, tabs).set('alice');
  const again = createSharedValue<string | null>('k', null, store, tabs);
  t.equal(again.get(), 'alice');
  again.set(null);
  t.equal(kept.size, 0);
});

t.test('another tab’s change is heard', async (t) => {
  const { store, tabs, kept } = browser();
  const value = createSharedValue('k', 0, store, tabs);
  const heard: number[] = [];
  const stop = value.subscribe(() => heard.push(value.get()));
  kept.set('k', '2');
  tabs.dispatchEvent(changed('other'));
  tabs.dispatchEvent(changed('k'));
  t.same(heard, [2]);
  stop();
  kept.set('k', '3');
  tabs.dispatchEvent(changed('k'));
  t.same(heard, [2]);
});

t.test('what cannot be read or kept is no trouble', async (t) => {
  const { store, tabs, kept } = browser();
  kept.set('k', '{broken');
  const refusing = {
    ...store,
    setItem: () => {
      throw new Error('private window');
    },
  };
  const value = createSharedValue('k', 0, refusing, tabs);
  t.equal(value.get(), 0);
  value.set(5);
  t.equal(value.get(), 5);
});
