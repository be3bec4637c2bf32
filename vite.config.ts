import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Chromium 109 is the last browser for Windows 7; it is the floor of every page. */
const FLOOR = "chrome109";
const WORTH_BYTES = 2_048;
/** Near the smallest, at a tenth of the time. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** What vtk.js names for files that no browser has: it stands in for Node's own modules. */
const NONE = fileURLToPath(new URL("static/ts/viewer/absent.ts", import.meta.url));

/** Scripts, sheets and decoders lie compressed beside themselves; the server gives those out. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "" }) {
      const folder = join(dir, "assets");
      for (const name of readdirSync(folder).filter((each) => /\.(js|css|wasm)$/.test(each))) {
        const bytes = readFileSync(join(folder, name));
        if (bytes.length > WORTH_BYTES) {
          writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
          writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, BROTLI));
        }
      }
    },
  };
}

export default defineConfig({
  base: "./",
  publicDir: "static/public",
  plugins: [compressed()],
  worker: { format: "es" },
  resolve: { alias: { xmlbuilder2: NONE, events: NONE, fs: NONE, path: NONE, url: NONE } },
  build: {
    outDir: "static/dist",
    target: FLOOR,
    cssTarget: FLOOR,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: false,
    chunkSizeWarningLimit: 4_096,
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
