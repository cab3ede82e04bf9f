import { mkdir } from 'node:fs/promises';
import { type EngineExit, type EngineProcess, startEngineProcess } from './engine-process.ts';
import { plainNode } from './plain-node.ts';

/** An emulator that runs in a Node process of its own, reached over HTTP. */
export interface NodeEngine extends EngineProcess {
  /** Such as 'http://127.0.0.1:4566'. */
  readonly endpoint: string;
}

/** Runs an entry file with `{port, dataDir}` as its JSON argument; the file sends 'ready'. */
export async function startNodeEngine(options: {
  readonly engine: string;
  readonly entry: URL;
  readonly port: number;
  /** Absent: everything in memory. */
  readonly dataDir?: string | undefined;
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}): Promise<NodeEngine> {
  const { engine, port, dataDir } = options;
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const server = await startEngineProcess({
    engine,
    port,
    ...plainNode(options.entry, JSON.stringify({ port, dataDir })),
    ready: 'message',
    stopSignal: 'SIGTERM',
    onExit: options.onExit,
  });
  return { ...server, endpoint: `http://127.0.0.1:${port}` };
}
