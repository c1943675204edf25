/**
 * On Windows: opens the libraries that devsvc calls before any test, since a test
 * may open nothing that it does not close.
 */

if (Deno.build.os === "windows") {
  const { systemKernel } = await import(
    "../../lib/platform/windows/kernel.ts"
  );
  systemKernel();
}
