/** Entry of the process that reads changed inputs: answers the number of an input with what came of it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { VesaliusError } from "vesalius";
import { serveRequests } from "../../packages/vesalius/dist/common/serve-requests.node.js";
import { changedInput } from "./inputs.mjs";
import { NotFinite, readers } from "./readers.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
/** Bytes from which garbage is collected before the next input, so that only what is in use counts. */
const roomy = 4e8;

const root = await mkdtemp(join(tmpdir(), "vesalius-fuzz-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
let folders = 0;

/** Writes files into a folder of their own. */
async function write(files) {
  const folder = join(root, String(folders++));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const prepared = new Map();
const prepare = (name) => {
  const { seeds, make } = readers[name];
  if (!prepared.has(name)) prepared.set(name, Promise.all([seeds(), make()]));
  return prepared.get(name);
};

async function read({ reader, seed, index }) {
  const [seeds, use] = await prepare(reader);
  // The seeds themselves have to be read: a fault of theirs would look like one of every input.
  const files = index < seeds.length ? seeds[index] : changedInput(reader, readers[reader], seeds, seed, index);
  const folder = await write(files);
  const began = folders;
  try {
    await use(folder, write);
    return { kind: "read" };
  } catch (error) {
    if (error instanceof NotFinite) return { kind: "notFinite", message: error.message };
    if (error instanceof VesaliusError) {
      if (index < seeds.length) return { kind: "seedRefused", message: error.message };
      if (/runtime-failure/.test(error.code) && /unexpected/.test(error.what))
        return { kind: "untyped", message: error.message };
      return { kind: "refused", message: error.message };
    }
    return { kind: "untyped", message: String(error?.message ?? error), stack: String(error?.stack ?? "") };
  } finally {
    for (let i = began - 1; i < folders; i++) await rm(join(root, String(i)), { recursive: true, force: true });
    if (process.memoryUsage.rss() > roomy) collect();
  }
}

await serveRequests(
  () => Promise.resolve(),
  (request) => read(request),
);
