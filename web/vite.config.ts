import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.PANEL_URL ?? 'http://127.0.0.1:8080';

const shared = /node_modules(?!.*swagger)|src\/(kit|money|format|session)/;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    rollupOptions: {
      input: ['index.html', 'reference.html'],
      // What most pages share comes in one file: many small ones pack badly, and ask often.
      output: { codeSplitting: { groups: [{ name: 'base', test: shared, minShareCount: 21 }] } },
    },
    // Swagger UI, which the reference alone fetches, comes as one module.
    chunkSizeWarningLimit: 1_600,
    // The policy allows no data: scripts or fonts; small files are files too.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    // Everything that is not the app itself is the panel's.
    proxy: { '^/(api|logo|webhooks|healthz|readyz|metrics)(/|$)': { target: server } },
  },
});
