import { answer } from "../measuring/child.ts";
import { startAnswerSchema } from "./messages.ts";

/** Milliseconds that something takes. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

const library = await timed(() => import("vesalius"));
const engine = await timed(async () => (await import("vesalius/runtime")).nodeCpu());
const { nodeCpu } = await import("vesalius/runtime");
const { stepRun } = await import("../measuring/step.ts");
const { engineWorkloads } = await import("./workloads.ts");
const backend = await nodeCpu();
const session = await timed(() => stepRun(engineWorkloads.encoder("full"), backend));
answer(startAnswerSchema, { library, engine, session });
