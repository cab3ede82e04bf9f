import { join } from 'node:path';
import { defineConfig, mergeConfig } from 'vite';
import page from './vite.config.ts';

/** A build of its own: nothing of the console reaches a buyer, nor the bucket buyers load from. */
export default mergeConfig(
  page,
  defineConfig({
    build: {
      outDir: 'console/dist',
      rolldownOptions: { input: join(import.meta.dirname, 'console.html') },
    },
    server: { port: 5174, proxy: { '/admin': 'http://127.0.0.1:8090' } },
  }),
);
