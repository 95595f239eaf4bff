import { z } from "zod";

/** What a run ran on. It names no host, no user and no folder. */
export const environmentSchema = z.object({
  vesalius: z.string(),
  node: z.string(),
  engine: z.object({ name: z.string(), version: z.string() }),
  threads: z.int().positive(),
  cpu: z.string(),
  cores: z.int().positive(),
  memoryGiB: z.number(),
  system: z.string(),
  architecture: z.string(),
});

/** What a run ran on. */
export type Environment = z.output<typeof environmentSchema>;
