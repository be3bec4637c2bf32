import { defineConfig } from "vite";

/** Chromium 109 is the last browser for Windows 7; it is the floor of every page. */
const FLOOR = "chrome109";

export default defineConfig({
  base: "./",
  publicDir: "static/public",
  build: {
    outDir: "static/dist",
    target: FLOOR,
    cssTarget: FLOOR,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: {
        main: "static/ts/main.ts",
        events_worker: "static/ts/events_worker.ts",
        styles: "static/css/main.css",
        paper: "static/css/paper.css",
      },
    },
  },
});
