import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { float32, Graph, multiply, type Tensors, toOnnxFiles } from "../../graph/index.ts";
import { loadOnnxRuntimeNode } from "../../runtime/index.node.ts";
import { externalDataOf, readOnnx, writeOnnx } from "./onnx-file.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-onnx-"));
});
afterEach(() => rm(folder, { recursive: true }));

function scaling(count: number): { graph: Graph; weights: Tensors } {
  const graph = new Graph();
  const x = graph.input("x", "float32", [count]);
  graph.output("y", multiply(x, graph.parameter("w", [count], { kind: "ones" })));
  return {
    graph,
    weights: new Map([
      [
        "w",
        float32(
          [count],
          Float32Array.from({ length: count }, (_, i) => i),
        ),
      ],
    ]),
  };
}

describe("writeOnnx and readOnnx", () => {
  test("in one file", async () => {
    const { graph, weights } = scaling(3);
    const path = join(folder, "model.onnx");
    await writeOnnx(path, graph, { weights });
    expect(await readdir(folder)).toEqual(["model.onnx"]);
    expect((await readOnnx(path)).weights).toEqual(weights);
  });

  test("with the weights beside the model, which ONNX Runtime reads as well", async () => {
    const { graph, weights } = scaling(5000);
    const path = join(folder, "model.onnx");
    await writeOnnx(path, graph, { weights, externalData: true });
    expect(await readdir(folder)).toEqual(["model.onnx", "model.onnx.data"]);
    expect((await stat(path)).size).toBeLessThan(1000);
    const imported = await readOnnx(path);
    expect(imported.weights).toEqual(weights);
    const { InferenceSession, Tensor } = await loadOnnxRuntimeNode();
    const session = await InferenceSession.create(path);
    const ones = new Float32Array(5000).fill(1);
    const { y } = await session.run({ x: new Tensor("float32", ones, [5000]) });
    expect(Array.from(y!.data as Float32Array)).toEqual(Array.from(weights.get("w")!.data as Float32Array));
    await session.release();
  });

  test("a file name with other letters gives a plain name to the weights", async () => {
    const { graph, weights } = scaling(5000);
    await writeOnnx(join(folder, "mein Modell.onnx"), graph, { weights, externalData: true });
    expect(await readdir(folder)).toEqual(["mein Modell.onnx", "mein_Modell.onnx.data"]);
    expect((await readOnnx(join(folder, "mein Modell.onnx"))).weights).toEqual(weights);
  });

  test("a truncated file of weights is refused", async () => {
    const { graph, weights } = scaling(5000);
    await writeOnnx(join(folder, "model.onnx"), graph, { weights, externalData: true });
    await writeFile(join(folder, "model.onnx.data"), new Uint8Array(100));
    await expect(readOnnx(join(folder, "model.onnx"))).rejects.toThrow(/are asked for, the file has 100/);
  });

  test("a missing file is named", async () => {
    await expect(readOnnx(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "missing-file" });
  });
});

describe("data outside the folder of the model", () => {
  beforeEach(async () => {
    await writeFile(join(folder, "secret"), "secret of another folder");
    await mkdir(join(folder, "model"));
    await writeFile(join(folder, "model", "inside"), "12345678");
  });

  test.each([
    "../secret",
    "./../secret",
    "sub/../../secret",
    "/etc/hostname",
    "..",
    ".",
    "",
    "C:\\secret",
    "..\\secret",
    "inside\0",
  ])("%j is refused", async (location) => {
    const read = externalDataOf(join(folder, "model"));
    await expect(read(location, 0, 4)).rejects.toMatchObject({ code: "bad-file" });
  });

  test("a symbolic link to the outside is refused, as a file and as a folder on the way", async () => {
    await symlink(join(folder, "secret"), join(folder, "model", "link"));
    await symlink(folder, join(folder, "model", "up"));
    const read = externalDataOf(join(folder, "model"));
    await expect(read("link", 0, 4)).rejects.toThrow(/symbolic link/);
    await expect(read("up/secret", 0, 4)).rejects.toThrow(/symbolic link/);
  });

  test("what is inside is read, and nothing beyond its end", async () => {
    await mkdir(join(folder, "model", "sub"));
    await writeFile(join(folder, "model", "sub", "deep"), "abcdef");
    const read = externalDataOf(join(folder, "model"));
    expect(new TextDecoder().decode(await read("inside", 2, 4))).toBe("3456");
    expect(new TextDecoder().decode(await read("sub/deep", 0, 6))).toBe("abcdef");
    await expect(read("inside", 6, 4)).rejects.toMatchObject({ code: "bad-file" });
    await expect(read("inside", 2 ** 52, 2 ** 52)).rejects.toMatchObject({ code: "bad-file" });
    await expect(read("sub", 0, 0)).rejects.toMatchObject({ code: "bad-file" });
    await expect(read("none", 0, 1)).rejects.toMatchObject({ code: "missing-file" });
  });

  test("a model that names such a file is refused before anything is read", async () => {
    const { graph, weights } = scaling(5000);
    const { model } = toOnnxFiles(graph, { weights, location: "xxxsecret" });
    const text = Buffer.from(model).toString("latin1").replace("xxxsecret", "../secret");
    const path = join(folder, "model", "model.onnx");
    await writeFile(path, Buffer.from(text, "latin1"));
    await expect(readOnnx(path)).rejects.toThrow(/a path upwards/);
  });
});
