import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { float32, tensorBytes } from "../../common/tensor.ts";
import { TensorProto_DataLocation, TensorProtoSchema } from "./generated/onnx_pb.ts";
import { info, modelBytes, node } from "./model.test.helper.ts";
import { fromOnnx } from "./read.ts";
import { decodeTensor } from "./tensor-data.ts";
import { toOnnx } from "./write.ts";

const folder = fileURLToPath(new URL("../../../fixtures/onnx/", import.meta.url));
const models = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => new Uint8Array(readFileSync(`${folder}${name}/model.onnx`)));
const tensors = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => new Uint8Array(readFileSync(`${folder}${name}/test_data_set_0/output_0.pb`)));

/** Bytes with some of them replaced, cut out or put in. */
const damaged = (originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.constantFrom(...originals),
      fc.array(
        fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom("set", "cut", "insert", "varint")),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
    )
    .map(([original, changes]) => {
      let bytes = Array.from(original);
      for (const [place, value, kind] of changes) {
        const at = bytes.length === 0 ? 0 : place % bytes.length;
        if (kind === "set") bytes[at] = value;
        else if (kind === "cut") bytes = [...bytes.slice(0, at), ...bytes.slice(at + (value % 16))];
        else if (kind === "insert") bytes.splice(at, 0, value);
        // The largest length that protobuf can write.
        else bytes.splice(at, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
      }
      return Uint8Array.from(bytes);
    });

/** Expects that a damaged file is read as some other model, or refused with an error for the user. */
async function expectRefusal(read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    expect(error).toBeInstanceOf(VesaliusError);
  }
}

async function importAndWrite(bytes: Uint8Array): Promise<void> {
  const { graph, weights } = await fromOnnx(bytes, { defaultDimension: 2 });
  toOnnx(graph, { weights });
}

describe("damaged files", () => {
  test("models give an error for the user, and take neither long nor much memory", async () => {
    const before = process.memoryUsage().arrayBuffers;
    await fc.assert(
      fc.asyncProperty(damaged(models), (bytes) => expectRefusal(() => importAndWrite(bytes))),
      { numRuns: 1500 },
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 28);
  });

  test("truncated models", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...models), fc.double({ min: 0, max: 1, noNaN: true }), (bytes, share) =>
        expectRefusal(() => importAndWrite(bytes.subarray(0, Math.floor(share * bytes.length)))),
      ),
      { numRuns: 300 },
    );
  });

  test("bytes of any kind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => expectRefusal(() => fromOnnx(bytes))),
    );
  });

  test("tensors", async () => {
    await fc.assert(
      fc.asyncProperty(damaged(tensors), (bytes) => expectRefusal(() => decodeTensor(bytes, "tensor.pb"))),
      { numRuns: 1000 },
    );
  });
});

describe("places of external data", () => {
  const where = (location: string, offset: string, length: string): Uint8Array => {
    return modelBytes({
      nodes: [node("Add", ["x", "w"], ["y"])],
      inputs: [info("x", "float32", [2])],
      outputs: [info("y", "float32", [2])],
      rawInitializers: [
        create(TensorProtoSchema, {
          name: "w",
          dims: [2n],
          dataType: 1,
          dataLocation: TensorProto_DataLocation.EXTERNAL,
          externalData: Object.entries({ location, offset, length }).map(([key, value]) => ({ key, value })),
        }),
      ],
    });
  };

  test("never ask for more than the shape needs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.oneof(fc.integer().map(String), fc.string()),
        fc.oneof(fc.bigInt().map(String), fc.constant("8")),
        async (location, offset, length) => {
          let asked: number[] = [];
          const externalData = (_: string, start: number, count: number): Uint8Array => {
            asked = [start, count];
            return new Uint8Array(count);
          };
          await expectRefusal(() => fromOnnx(where(location, offset, length), { externalData }));
          if (asked.length > 0) {
            expect(asked[0]).toBeGreaterThanOrEqual(0);
            expect(asked[1]).toBe(8);
          }
        },
      ),
    );
  });

  test("are refused where nobody reads them, and where too little is there", async () => {
    await expect(fromOnnx(where("w.bin", "0", "8"))).rejects.toMatchObject({ code: "missing-file" });
    await expect(fromOnnx(where("w.bin", "0", "8"), { externalData: () => new Uint8Array(4) })).rejects.toThrow(
      /got 4 of 8 bytes/,
    );
    const data = tensorBytes(float32([2], [1, 2]));
    const { weights } = await fromOnnx(where("w.bin", "0", "8"), { externalData: () => data });
    expect(weights.get("w")).toEqual(float32([2], [1, 2]));
  });
});
