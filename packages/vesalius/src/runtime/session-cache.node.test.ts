import { expect, test } from "vitest";
import { add, Graph, toOnnx } from "../graph/index.ts";
import type { Session } from "./backend.ts";
import { nodeCpu } from "./node-cpu.node.ts";
import { SessionCache } from "./session-cache.ts";

const load = async (size: number): Promise<Session> => {
  const graph = new Graph();
  graph.output("y", add(graph.input("x", "float32", [size]), 1));
  return (await nodeCpu()).load(toOnnx(graph));
};

const run = async (session: Session, size: number): Promise<number[]> => {
  const outputs = await session.run(
    new Map([["x", { dtype: "float32", shape: [size], data: new Float32Array(size) }]]),
  );
  return [...(outputs.get("y")!.data as Float32Array)];
};

test("a shape is compiled once, and again after it had to make room for others", async () => {
  const cache = new SessionCache(2);
  const loads: number[] = [];
  const get = (size: number) =>
    cache.get(String(size), () => {
      loads.push(size);
      return load(size);
    });
  for (const size of [1, 2, 1, 3, 1, 2])
    expect(await run(await get(size), size)).toEqual(Array.from({ length: size }, () => 1));
  expect(loads).toEqual([1, 2, 3, 2]);
  await cache.release();
  expect(await run(await get(1), 1)).toEqual([1]);
  expect(loads).toEqual([1, 2, 3, 2, 1]);
  await cache.release();
});

test("a load that fails is tried again", async () => {
  const cache = new SessionCache();
  await expect(cache.get("a", () => Promise.reject(new Error("out of memory")))).rejects.toThrow("out of memory");
  const session = await cache.get("a", () => load(1));
  expect(await run(session, 1)).toEqual([1]);
  await cache.release();
});
