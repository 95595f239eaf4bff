import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleBeside } from "../../common/worker.node.ts";
import type { SuiteAnswer } from "./process.test.helper.ts";
import type { OpenedBackend, Suite, SuiteBackend, SuiteHost } from "./suite.test.helper.ts";

/** Where Debian puts Chromium, with a Vulkan driver in software that other programs can use as well. */
const chromium = "/usr/lib/chromium";
const softwareDriver = join(chromium, "vk_swiftshader_icd.json");

/** Environments in which there may be a driver: the machine's own first. */
const environments = [
  {},
  ...(existsSync(softwareDriver) ? [{ VK_ICD_FILENAMES: softwareDriver, LD_LIBRARY_PATH: chromium }] : []),
];

const entry = fileURLToPath(moduleBeside("./process.test.helper", import.meta.url));

async function openIn(environment: Readonly<Record<string, string>>, backend: SuiteBackend): Promise<SuiteHost> {
  const child = fork(entry, { env: { ...process.env, ...environment }, serialization: "advanced", silent: true });
  const errors: string[] = [];
  child.on("error", ({ message }) => errors.push(message));
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  const call = <Name extends keyof Suite>(method: Name, ...given: Parameters<Suite[Name]>): ReturnType<Suite[Name]> =>
    new Promise<unknown>((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null): void =>
        reject(new Error(`the process of ${backend} ended with ${signal ?? code}: ${said}`));
      const onMessage = (answer: SuiteAnswer): void => {
        child.off("exit", onExit);
        if ("failure" in answer) reject(new Error(answer.failure));
        else resolve(answer.value);
      };
      child.once("exit", onExit).once("message", onMessage);
      child.send({ method, given });
    }) as ReturnType<Suite[Name]>;

  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const opened: OpenedBackend = await call("open", backend);
    return {
      backend: opened,
      errors,
      operator: (...given) => call("operator", ...given),
      trainSmallVit: (steps) => call("trainSmallVit", steps),
      writeTexts: () => call("writeTexts"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens the suite on a provider of onnxruntime-node in a process of its own: on the machine's driver, or on the one in
 * software that comes with Chromium.
 *
 * @throws Error of the last driver that was tried, where none works
 */
export async function openSuiteProcess(backend: SuiteBackend): Promise<SuiteHost> {
  let last: unknown;
  for (const environment of environments)
    try {
      return await openIn(environment, backend);
    } catch (error) {
      last = error;
    }
  throw last;
}
