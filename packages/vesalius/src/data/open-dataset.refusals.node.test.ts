import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, makeFolder } from "./data.test.helper.ts";
import { openDataset } from "./open-dataset.node.ts";
import { greys, open, refused } from "./readers/readers.test.helper.ts";

describe("openDataset", () => {
  it("says what every reader looks for where none recognises the data", async () => {
    const error = await refused({ "x.doc": "x" });
    expect(error.message).toContain("medmnist: a file .npz");
    expect(error.message).toContain("labels.csv");
  });

  it("wants a choice between two layouts", async () => {
    const error = await refused({ "x.npz": "", "labels.csv": "file\na.png\n", "a.png": "" });
    expect(error.fix).toContain("medmnist or labelsCsv");
  });

  it("refuses a reader that does not exist, and a path that is no dataset", async () => {
    expect((await refused({}, { reader: "dicom" })).message).toContain("no reader called dicom");
    expect((await failure(() => openDataset("/no/such/folder"))).code).toBe("missing-file");
    expect((await failure(() => openDataset("/dev/null"))).message).toContain("device");
    const folder = await makeFolder();
    await mkdir(join(folder, "empty"));
    expect((await failure(() => openDataset(join(folder, "empty")))).code).toBe("bad-data");
  });

  it("opens data without training for evaluation only", async () => {
    const files = await greys(["test/a/1.png", "test/b/2.png"]);
    expect((await refused(files)).fix).toContain("allowMissingTrain");
    expect(Object.keys((await open(files, { allowMissingTrain: true })).splits)).toEqual(["test"]);
  });
});
