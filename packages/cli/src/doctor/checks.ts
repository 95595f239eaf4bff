import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { pretrain, syntheticRadiographs } from "vesalius";
import { Graph, matMul } from "vesalius/graph";
import { architectures } from "vesalius/models";
import { objectives } from "vesalius/pretraining";
import { type Backend, Program } from "vesalius/runtime";
import { engine } from "../backend.ts";

/** What one check found. */
export interface Check {
  readonly name: string;
  /** Whether what was checked works. */
  readonly works: boolean;
  /** Whether everything needs it, or only some things. */
  readonly needed: boolean;
  readonly detail: string;
}

/** First line of an error, without the place in the engine's own source. */
function failure(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
  return line.replace(/^.*onnxruntime_src.* was false\. /, "");
}

async function check(name: string, needed: boolean, run: () => Promise<string>): Promise<Check> {
  try {
    return { name, needed, works: true, detail: await run() };
  } catch (error) {
    return { name, needed, works: false, detail: failure(error) };
  }
}

/** Whether the engine loads. */
export async function checkEngine(
  threads: number | undefined,
): Promise<{ readonly backend: Backend | undefined; readonly check: Check }> {
  let backend: Backend | undefined;
  const found = await check("engine", true, async () => {
    backend = await engine(threads);
    return "onnxruntime-node loads";
  });
  return { backend, check: found };
}

const probeSchema = z.union([z.object({ logits: z.array(z.number()) }), z.object({ failure: z.string() })]);
const probeSeconds = 60;

function probe(provider: string, env: NodeJS.ProcessEnv = process.env): Promise<number[]> {
  const script = fileURLToPath(new URL("probe-provider.js", import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, provider], { timeout: probeSeconds * 1000, env }, (error, stdout) => {
      const text = stdout.slice(stdout.indexOf("{"));
      const parsed = text.startsWith("{") ? probeSchema.safeParse(JSON.parse(text)) : undefined;
      if (parsed?.success !== true)
        reject(new Error(`the process ended (${error?.signal ?? error?.code ?? "no answer"})`));
      else if ("failure" in parsed.data) reject(new Error(parsed.data.failure));
      else resolve(parsed.data.logits);
    });
  });
}

/** Runs the same small model on every provider that onnxruntime-node knows, and compares with the CPU. */
export async function checkProviders(names: readonly string[]): Promise<Check[]> {
  const reference = probe("cpu");
  const checks: Check[] = [];
  for (const name of names)
    checks.push(
      await check(`provider ${name}`, name === "cpu", async () => {
        const [expected, found] = [await reference, name === "cpu" ? await reference : await probe(name)];
        const difference = expected.reduce(
          (largest, value, i) => Math.max(largest, Math.abs(value - (found[i] ?? NaN))),
          0,
        );
        if (!(difference < 1e-2)) throw new Error(`answers differ from the CPU's by ${difference}`);
        return name === "cpu"
          ? "runs a small vision transformer"
          : `runs a small vision transformer, ${difference.toExponential(0)} from the CPU's answer`;
      }),
    );
  return checks;
}

/** Variables under which the engine sends nothing anyway, which would make the check pass by itself. */
const silencing = ["ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI", "GITHUB_ACTIONS", "TF_BUILD"];

/** Runs a model in an empty home folder, where the engine's telemetry would leave its database and device identifier. */
export const checkTelemetry = (): Promise<Check> =>
  check("telemetry", true, async () => {
    if (process.platform === "win32")
      return "the engine opens no connection; its events go to the system's event tracing (see SECURITY.md)";
    const home = await mkdtemp(join(tmpdir(), "vesalius-doctor-"));
    try {
      const kept = Object.entries(process.env).filter(([name]) => !silencing.includes(name));
      await probe("cpu", { ...Object.fromEntries(kept), HOME: home, XDG_CACHE_HOME: join(home, ".cache") });
      const written = await readdir(home);
      if (written.length > 0) throw new Error(`ONNX Runtime wrote ${written.join(", ")} into the home folder`);
      return "off: running a model leaves nothing in the home folder";
    } finally {
      await rm(home, { recursive: true });
    }
  });

/** Trains for a few steps: gradients, optimizer and batch preparation work together here. */
export const checkTraining = (backend: Backend): Promise<Check> =>
  check("training", true, async () => {
    const { splits } = syntheticRadiographs({ count: { train: 32, validation: 0, test: 0 }, imageSize: 16 });
    const size = { imageSize: 16, patchSize: 4, width: 32, depth: 1, heads: 2 };
    const network = architectures.create({ name: "vit", ...size });
    const backbone = { network, weights: undefined, preparation: undefined };
    const objective = objectives.create({ name: "maskedImageModelling" });
    const { pretraining } = await pretrain(backbone, objective, splits["train"]!, {
      epochs: 3,
      batchSize: 16,
      backend,
    });
    const { steps, history } = pretraining.result;
    return `${steps} steps of pretraining, last loss ${history.at(-1)!.loss.toFixed(3)}`;
  });

const matrixSide = 1024;
const shortestMeasurement = 0.5;

/** Rate of float32 matrix products, the bulk of training. */
export async function measureMatrixProducts(backend: Backend): Promise<number> {
  const graph = new Graph("matrix product");
  const shape = [matrixSide, matrixSide];
  const [a, b] = [graph.input("a", "float32", shape), graph.input("b", "float32", shape)];
  graph.output("c", matMul(a, b));
  const program = await Program.compile(graph, backend);
  const tensor = () => ({ dtype: "float32" as const, shape, data: new Float32Array(matrixSide ** 2).fill(0.5) });
  const feeds = new Map([
    ["a", tensor()],
    ["b", tensor()],
  ]);
  try {
    await program.run(feeds, new Map());
    let runs = 0;
    const start = performance.now();
    while ((performance.now() - start) / 1000 < shortestMeasurement) {
      await program.run(feeds, new Map());
      runs++;
    }
    return (runs * 2 * matrixSide ** 3) / ((performance.now() - start) / 1000) / 1e9;
  } finally {
    await program.release();
  }
}

/** Packages that some commands need. */
export function checkPackages(): Promise<Check[]> {
  return Promise.all([
    check("sharp", false, async () => {
      const { default: sharp } = await import("sharp");
      const bytes = await sharp(new Uint8Array(16), { raw: { width: 4, height: 4, channels: 1 } })
        .png()
        .toBuffer();
      return `${sharp.versions.sharp ?? ""}, wrote a PNG of ${bytes.length} bytes (image files, pictures in reports)`;
    }),
    check("echarts", false, async () => {
      const { version } = await import("echarts/core");
      return `${version} (charts in reports)`;
    }),
  ]);
}

/** Whether results can be written. */
export const checkOutput = (folder: string): Promise<Check> =>
  check("output", true, async () => {
    const made = await mkdtemp(join(folder, ".vesalius-doctor-"));
    await writeFile(join(made, "file"), "0");
    await rm(made, { recursive: true });
    return `can write into ${folder}`;
  });

const gibibyte = 2 ** 30;
const enough = 2;

/** Memory that is free now. */
export const checkMemory = (): Promise<Check> =>
  check("free memory", false, () => {
    const free = freemem() / gibibyte;
    const text = `${free.toFixed(1)} GiB`;
    return free < enough
      ? Promise.reject(new Error(`${text}; training may need more than ${enough}`))
      : Promise.resolve(text);
  });
