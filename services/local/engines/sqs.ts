import type { EngineExit } from './engine-process.ts';
import { type NodeEngine, startNodeEngine } from './node-engine.ts';

/** Starts fauxqs on 127.0.0.1; with a dataDir its queues and messages are kept there. */
export function startSqs(options: {
  readonly port: number;
  readonly dataDir?: string | undefined;
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}): Promise<NodeEngine> {
  return startNodeEngine({ engine: 'SQS', entry: new URL('./sqs-child.ts', import.meta.url), ...options });
}
