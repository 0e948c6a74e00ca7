import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';
import { precompress } from './precompress.ts';

/** Where `npm run dev` forwards calls to: the port of a server started separately. */
const DEFAULT_SERVER_PORT = '3000';

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, import.meta.dirname, ['PORT', 'WEB_PORT']);
  const server = `http://127.0.0.1:${env.PORT ?? DEFAULT_SERVER_PORT}`;
  return {
    plugins: [react(), tailwindcss(), precompress()],
    server: {
      host: '127.0.0.1',
      port: Number(env.WEB_PORT ?? 5173),
      proxy: {
        '/api': server,
        '/health': server,
        '/.well-known': server,
        '/dev/mailbox': server,
      },
    },
    build: {
      target: 'es2023',
      outDir: 'dist',
      assetsDir: 'assets',
      // The page's content policy allows no `data:` fonts or scripts, so nothing is inlined.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
});
