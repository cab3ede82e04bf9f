import { defineConfig } from 'vite';

/** Where `npm run dev` finds the services: what `npm start` serves. */
const running = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  // The page lies wherever its bucket or router puts it.
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // A seat map needs no image or font; what is inlined would escape the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(['/public', '/confirm', '/api', '/local'].map((path) => [path, running])),
  },
});
