/** Entry of the process that asks ONNX Runtime about parts of a model from elsewhere. */
import { serveRequests } from "../../common/serve-requests.node.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import type { EngineReply, EngineRequest } from "./bounded-import-engine.node.ts";
import { importEngine } from "./import-engine.ts";

await serveRequests(
  async () => importEngine(await nodeCpu()),
  async ({ what, model }: EngineRequest, engine): Promise<EngineReply> =>
    what === "describe" ? { types: await engine.describe(model) } : { tensors: await engine.run(model) },
);
