import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const eventsSchema = z.array(
  z.object({
    cat: z.string(),
    name: z.string(),
    dur: z.number(),
    args: z.object({ op_name: z.string().optional() }).optional(),
  }),
);

/**
 * Share of the time inside operators, by operator, from a profile of ONNX Runtime.
 *
 * @param run loads a session with this prefix of the profile, runs it and releases it
 */
export async function operatorShares(run: (profile: string) => Promise<void>): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-profile-"));
  try {
    await run(join(folder, "profile"));
    const [file] = await readdir(folder);
    const events = eventsSchema.parse(JSON.parse(await readFile(join(folder, file!), "utf8")));
    const sums = new Map<string, number>();
    for (const { cat, name, dur, args } of events) {
      if (cat !== "Node" || !name.endsWith("_kernel_time") || args?.op_name === undefined) continue;
      sums.set(args.op_name, (sums.get(args.op_name) ?? 0) + dur);
    }
    const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
    return Object.fromEntries([...sums].map(([operator, time]) => [operator, time / total]));
  } finally {
    await rm(folder, { recursive: true });
  }
}
