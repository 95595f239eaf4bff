/** Entry of the process that verifies test cases, which can end the engine. */
import { serveRequests } from "../../../common/serve-requests.node.ts";
import { nodeCpu } from "../../../runtime/index.node.ts";
import { readTestFolder } from "./test-folder.node.ts";
import { type CaseResult, verifyCase } from "./verify-case.ts";

await serveRequests(nodeCpu, async (folder: string, backend): Promise<CaseResult> =>
  verifyCase(await readTestFolder(folder), backend),
);
