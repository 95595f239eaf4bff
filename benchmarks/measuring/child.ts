import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { z } from "zod";

/**
 * Runs a program of the benchmarks in a process of its own, so that its peak memory is its own too, and nothing of an
 * earlier measurement is left.
 *
 * @param program file without extension, from the folder of the benchmarks
 * @returns what the program answered
 */
export async function ask<Schema extends z.ZodType>(
  program: string,
  question: Readonly<Record<string, unknown>>,
  schema: Schema,
): Promise<z.output<Schema>> {
  const path = join(dirname(import.meta.dirname), `${program}.js`);
  const { stdout } = await promisify(execFile)(process.execPath, [path, JSON.stringify(question)], {
    maxBuffer: 2 ** 24,
  });
  return schema.parse(JSON.parse(stdout));
}

/** The question that this process was started with. */
export const askedFor = <Schema extends z.ZodType>(schema: Schema): z.output<Schema> =>
  schema.parse(JSON.parse(process.argv[2] ?? "null"));

/** Prints the answer of this process. */
export const answer = <Schema extends z.ZodType>(schema: Schema, value: z.input<Schema>): void =>
  void process.stdout.write(JSON.stringify(schema.parse(value)));
