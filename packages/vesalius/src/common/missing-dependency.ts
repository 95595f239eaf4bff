import { VesaliusError } from "./errors.ts";

/**
 * A package that cannot be loaded, with the reason: it is not there, or what it holds does not fit this machine.
 *
 * @param what what it is needed for, as "image files are decoded by the package sharp"
 */
export function missingDependency(name: string, what: string, cause: unknown): VesaliusError {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  const message = cause instanceof Error ? cause.message : String(cause);
  const isAbsent =
    (code === "ERR_MODULE_NOT_FOUND" && message.includes(`package '${name}'`)) ||
    // As Vite has it for optional packages.
    message.startsWith(`Could not resolve "${name}"`);
  const [line] = message.trim().split("\n") as [string];
  return new VesaliusError(
    "missing-dependency",
    `${what}, which ${isAbsent ? "is not installed" : `does not load here: ${line}`}`,
    {
      where: name,
      fix: isAbsent
        ? `run: npm install ${name}`
        : `install it again on this machine: rm -r node_modules/${name} && npm install ${name}`,
      cause,
    },
  );
}
