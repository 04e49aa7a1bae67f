import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const desk = process.env.HOTLINE_DESK ?? "http://127.0.0.1:12345";

export default defineConfig({
  plugins: [vue()],
  build: { outDir: "../desk/static", emptyOutDir: true, chunkSizeWarningLimit: 800 },
  server: { proxy: { "/api/live": { target: desk, ws: true }, "/api": desk } },
});
