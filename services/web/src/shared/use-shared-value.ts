import { useSyncExternalStore } from 'react';
import type { SharedValue } from './shared-value.ts';

/** A shared value in a component, drawn again when any tab changes it. */
export function useSharedValue<Value>(shared: SharedValue<Value>): Value {
  return useSyncExternalStore(shared.subscribe, shared.get);
}
