import { useSyncExternalStore } from 'react';

const subscribeHash = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

/** The screen the address names, such as `/orders`; empty for none. A hash needs no rewriting where the page is served. */
export function useHashPath(): string {
  return useSyncExternalStore(subscribeHash, () => location.hash.replace(/^#/, ''));
}
