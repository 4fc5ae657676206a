import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const GATEWAY = "http://127.0.0.1:8000";

export default defineConfig({
  define: { __BUILD__: JSON.stringify(process.env.npm_package_version ?? "development") },
  plugins: [react(), tailwindcss()],
  build: {
    // Workers and icons stay files: the content security policy allows no data: scripts.
    assetsInlineLimit: 0,
    target: "es2023",
    manifest: true,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: {
    port: 5173,
    proxy: {
      "/v1": GATEWAY,
      "/ws": { target: GATEWAY.replace("http", "ws"), ws: true },
    },
  },
  // A slow machine is no failure: the time that a test takes is mostly that of loading it.
  test: { include: ["tests/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
