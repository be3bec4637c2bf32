import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The tests run the same browser build of the upload library that the pages load. */
const TUS = fileURLToPath(
  new URL("./node_modules/tus-js-client/lib.esm/browser/index.js", import.meta.url),
);

export default defineConfig({
  resolve: { alias: { "tus-js-client": TUS } },
  test: {
    environment: "happy-dom",
    include: ["static/ts/**/*.test.ts"],
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
