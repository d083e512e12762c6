import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [react()],
  // The node that `npm run dev` talks to; the built page always talks to the server it came from.
  server: { proxy: { '/api': loadEnv(mode, '.', 'DEUCALION_')['DEUCALION_URL'] ?? 'http://127.0.0.1:9009' } },
  build: {
    // The first versions that know light-dark(), which every colour of the page is written in.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    license: { fileName: 'licenses.md' },
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'editor', test: /node_modules[\\/](@codemirror|@lezer|@prometheus-io|@marijn|crelt|style-mod|w3c-keyname|lru-cache)[\\/]/ },
            { name: 'uplot', test: /node_modules[\\/]uplot[\\/]/ },
            { name: 'vendor', test: /node_modules[\\/](react|react-dom|scheduler|@mantine|@floating-ui|clsx|tabbable)[\\/].*\.[cm]?js$/ },
          ],
        },
      },
    },
  },
}));
