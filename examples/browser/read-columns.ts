import { VesaliusError } from "vesalius";
import {
  type Column,
  imagesColumn,
  moleculesColumn,
  readFasta,
  readNifti,
  sequencesColumn,
  type Split,
  textsColumn,
  volumesColumn,
} from "vesalius/data";
import type { GivenInput, WantedInput } from "./predict-messages.ts";
import { readImage } from "./read-image.ts";
import { readableKind, type ReadableKind } from "./readable-kind.ts";

/** Examples of one column. */
interface ReadInput {
  readonly column: Column;
  /** Names of the examples, where the input has some. */
  readonly ids?: readonly string[];
}

/** Most bytes that a volume may unpack to: a page has little memory. */
const mostVolumeBytes = 512 * 2 ** 20;

const textOf = async (given: GivenInput): Promise<string> =>
  "text" in given ? given.text : (await Promise.all(given.files.map((file) => file.text()))).join("\n");

const filesOf = (given: GivenInput): readonly File[] => ("files" in given ? given.files : []);

/** Sequences as FASTA, or one without a header over any number of lines. */
async function readSequences(given: GivenInput): Promise<ReadInput> {
  const text = (await textOf(given)).trim();
  const entries = text.startsWith(">")
    ? readFasta(text, "the sequences")
    : [{ id: "sequence", sequence: text.replaceAll(/\s/g, "") }];
  const sequences = entries.map(({ sequence }) => sequence.toUpperCase());
  const nucleotides = sequences.every((sequence) => /^[ACGTN]+$/.test(sequence));
  const ribonucleotides = sequences.every((sequence) => /^[ACGUN]+$/.test(sequence));
  const alphabet = nucleotides ? "dna" : ribonucleotides ? "rna" : "protein";
  return { column: sequencesColumn(alphabet, sequences), ids: entries.map(({ id }) => id) };
}

async function readImages(given: GivenInput): Promise<ReadInput> {
  const files = filesOf(given);
  const images = await Promise.all(files.map(readImage));
  const [first] = images;
  if (first === undefined) throw new VesaliusError("bad-data", "there is no image");
  const { height, width } = first;
  if (images.some((image) => image.height !== height || image.width !== width))
    throw new VesaliusError("bad-data", "the images differ in size", { fix: "give images of one size at a time" });
  const pixels = new Uint8Array(images.length * 3 * height * width);
  images.forEach((image, i) => pixels.set(image.pixels, i * 3 * height * width));
  return { column: imagesColumn(pixels, { channels: 3, height, width }), ids: files.map(({ name }) => name) };
}

async function readVolumes(given: GivenInput): Promise<ReadInput> {
  const files = filesOf(given);
  const volumes = files.map(async (file) =>
    readNifti(new Uint8Array(await file.arrayBuffer()), { where: file.name, maxBytes: mostVolumeBytes }),
  );
  return { column: volumesColumn(await Promise.all(volumes)), ids: files.map(({ name }) => name) };
}

/** Molecules in SMILES, one a line, a name behind a space. */
async function readMolecules(given: GivenInput): Promise<ReadInput> {
  const lines = (await textOf(given)).split(/\r?\n/).filter((line) => line.trim() !== "");
  const parts = lines.map((line) => line.trim().split(/\s+/));
  return {
    column: moleculesColumn(parts.map(([smiles]) => smiles!)),
    ids: parts.map(([smiles, name]) => name ?? smiles!),
  };
}

const readers: Readonly<Record<ReadableKind, (given: GivenInput) => Promise<ReadInput>>> = {
  texts: async (given) => ({ column: textsColumn([(await textOf(given)).trim()]) }),
  sequences: readSequences,
  molecules: readMolecules,
  images: readImages,
  volumes: readVolumes,
};

/**
 * What a person gave as examples. Columns of several inputs belong together row by row.
 *
 * @throws VesaliusError `bad-data` for an input that is needed and not given, or inputs of different numbers
 */
export async function readGiven(
  inputs: readonly WantedInput[],
  given: Readonly<Record<string, GivenInput>>,
): Promise<Split> {
  const read: (readonly [name: string, input: ReadInput])[] = [];
  for (const input of inputs) {
    const kind = readableKind(input);
    const own = given[input.name];
    if (own !== undefined && kind !== undefined) read.push([input.name, await readers[kind](own)]);
    else if (!input.optional)
      throw new VesaliusError("bad-data", `the model reads ${input.name}, and nothing was given for it`, {
        fix: "fill it in",
      });
  }
  const [first, ...others] = read;
  if (first === undefined) throw new VesaliusError("bad-data", "nothing was given", { fix: "fill in an input" });
  const { length } = first[1].column;
  if (others.some(([, { column }]) => column.length !== length))
    throw new VesaliusError("bad-data", "the inputs are not as many", { fix: "give one of each at a time" });
  const ids = read.find(([, { ids: own }]) => own !== undefined)?.[1].ids;
  return {
    name: "given",
    length,
    ids: ids ?? Array.from({ length }, (_, row) => `input ${row + 1}`),
    groups: undefined,
    attributes: {},
    columns: Object.fromEntries(read.map(([name, { column }]) => [name, column])),
  };
}
