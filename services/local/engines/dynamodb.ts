import type { EngineExit } from './engine-process.ts';
import { type NodeEngine, startNodeEngine } from './node-engine.ts';

/** Starts dynalite on 127.0.0.1; with a dataDir its tables are kept there. */
export function startDynamodb(options: {
  readonly port: number;
  readonly dataDir?: string | undefined;
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}): Promise<NodeEngine> {
  return startNodeEngine({
    engine: 'DynamoDB',
    entry: new URL('./dynamodb-child.ts', import.meta.url),
    ...options,
  });
}
