/** Small models, backbones, adapters and tokenizers with random weights, as the files of their folders. */
import { readFileSync } from "node:fs";
import { adapterFiles, attachAdapter, adapterSchema } from "vesalius/adaptation";
import { initializeParameters } from "vesalius/graph";
import { architectures, createBackbone } from "vesalius/models";
import { nodeCpu } from "vesalius/runtime";
import { backboneFileNames, createTask, encodeBackbone, exportTypes, featureGraph, Model } from "vesalius/tasks";

const tokenizer = {
  tokenizer: {
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(Array.from({ length: 36 }, (_, i) => [`t${i}`, i + 4])),
      unk_token: "t0",
    },
    added_tokens: ["[PAD]", "[CLS]", "[SEP]", "[MASK]"].map((content, id) => ({ id, content })),
  },
  special: { padding: "[PAD]", unknown: "t0", start: "[CLS]", end: "[SEP]", mask: "[MASK]" },
};
/** What fitting would give an encoder. */
const fittings = {
  tokens: { tokenizer },
  pixels: { height: 16, width: 16, mean: [0.5], std: [0.25] },
  voxels: { extents: [32, 16, 16] },
  genes: { vocabulary: ["<pad>", ...Array.from({ length: 29 }, (_, i) => `GENE${i}`)] },
  numbers: { names: ["age", "score"], mean: [40, 1], std: [20, 2] },
  timelineTokens: { vocabulary: ["condition|snomed|1", "condition|snomed|2"], maximumAge: 9, maximumLength: 16 },
};
/** Towers of networks that are made of others. */
const pair = {
  image: { name: "vit", preset: "nano", imageSize: 16, patchSize: 4 },
  text: { name: "bert", preset: "nano" },
};
const sizes = {
  vit: { imageSize: 16, patchSize: 4, channels: 1 },
  dinov2: { imageSize: 8, patchSize: 4 },
  swin: { imageSize: 16, patchSize: 2 },
  unetr: { imageSize: [32, 16, 16] },
  swinUnetr: { patch: [64, 32, 32] },
};

function fitted(name, changes = {}) {
  const made = createBackbone({
    name,
    preset: "nano",
    ...sizes[name],
    ...("towers" in architectures.entry(name).settings.shape ? { towers: pair } : {}),
    ...changes,
  }).network;
  const preparation = Object.fromEntries(
    Object.entries(made.reads).map(([role, spec]) => [role, { ...fittings[spec.name], ...spec }]),
  );
  return { network: made.fitted?.(preparation) ?? made, preparation };
}

/** Inputs of parts; those that vary are short. */
const typesOf = (parts) => exportTypes(parts, 1, Object.fromEntries(Object.keys(parts).map((part) => [part, 16])));

const bytesOf = (files) =>
  Object.fromEntries(
    [...files].map(([name, content]) => [
      name,
      typeof content === "string" ? new Uint8Array(Buffer.from(content)) : content,
    ]),
  );

/** A file of JSON without the checksums that would refuse every change. */
function withoutChecksums(content) {
  const { checksums: _checksums, checksum: _checksum, ...said } = JSON.parse(Buffer.from(content).toString("utf8"));
  return new Uint8Array(Buffer.from(JSON.stringify(said)));
}

/** A saved backbone of every architecture, without checksums. */
export function backboneSeeds() {
  return architectures.names.map((name) => {
    const { network, preparation } = fitted(name);
    const parts = Object.fromEntries(Object.entries(preparation).map(([role, encoder]) => [role, { encoder }]));
    const bare = { network, weights: undefined, preparation };
    const weights = initializeParameters(featureGraph(bare, typesOf(parts)), 1);
    const files = bytesOf(encodeBackbone({ ...bare, weights }));
    const { weights: weightsFile, preparation: preparationFile } = backboneFileNames;
    return {
      [weightsFile]: files[weightsFile],
      "config.json": files["config.json"],
      [preparationFile]: withoutChecksums(files[preparationFile]),
    };
  });
}

const classes = { name: "classification", column: "label", classes: ["no", "yes"] };

/** Models of several kinds of input: images, numbers, texts. */
export function models() {
  const made = [
    ["vit", classes],
    ["resnet", classes],
    [
      "perceptron",
      { name: "regression", column: "outcome", names: ["stay"], targets: [{ name: "stay", mean: 3, std: 2 }] },
    ],
    ["bert", classes],
  ];
  return made.map(([name, task]) => {
    const { network, preparation } = fitted(name);
    const backbone = { network, weights: undefined, preparation };
    const parts = { task: createTask(task), backbone, fitted: new Map() };
    const shape = new Model({ ...parts, weights: new Map() });
    const graph = shape.graph(typesOf(shape.plan(1).parts), 1);
    return new Model({ ...parts, weights: initializeParameters(graph, 1) });
  });
}

/** The folders of saved models, without checksums. */
export const modelSeeds = () =>
  models().map((model) => {
    const files = bytesOf(model.encode());
    return {
      "config.json": files["config.json"],
      "model.json": withoutChecksums(files["model.json"]),
      "model.safetensors": files["model.safetensors"],
    };
  });

/** Models as ONNX files. */
export const onnxSeeds = () => models().map((model) => ({ "model.onnx": model.toOnnx() }));

/** Language models as llama.cpp stores them, tokenizer included. */
export const ggufSeeds = () =>
  ["llama_q8", "qwen2_q4"].map((name) => ({
    "model.gguf": new Uint8Array(
      readFileSync(new URL(`../../packages/vesalius/fixtures/reference/gguf/${name}/model.gguf`, import.meta.url)),
    ),
  }));

/** Adapters in PEFT's files. */
export async function adapterSeeds() {
  const { network, preparation } = fitted("vit");
  const types = typesOf({ image: { encoder: preparation.image } });
  const graph = featureGraph({ network, weights: undefined, preparation }, types);
  const weights = initializeParameters(graph, 1);
  const seeds = [];
  for (const config of [
    { type: "lora", targets: ["qkv"], rank: 2 },
    { type: "lora", targets: ["blocks.*.fc1", "proj"], rank: 2, dora: true },
    { type: "bottleneck", reductionFactor: 4 },
  ]) {
    const attached = await attachAdapter(graph, weights, adapterSchema.parse(config), {
      seed: 0,
      backend: await nodeCpu(),
    });
    const own = new Map([...attached.weights].filter(([name]) => attached.adapted.parameters.includes(name)));
    seeds.push(bytesOf(adapterFiles({ config: attached.config, weights: own })));
  }
  return { seeds, graph, weights };
}

const split = { type: "Split", pattern: { Regex: "\\p{L}+|\\p{N}+|[^\\s]" }, behavior: "Isolated", invert: false };

/** Files of tokenizers as Hugging Face writes them. */
export function tokenizerSeeds() {
  const added = (content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const letters = Object.fromEntries(Array.from("abcdefghij", (letter, i) => [letter, i + 4]));
  const special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"].map(added);
  const template = {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [1], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [2], tokens: ["[SEP]"] },
    },
  };
  const base = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: template,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  };
  const own = Object.fromEntries(special.map(({ content, id }) => [content, id]));
  return [
    {
      ...base,
      model: {
        type: "WordPiece",
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: { ...own, ...letters, "##a": 14, "##b": 15, ab: 16 },
      },
    },
    {
      ...base,
      normalizer: null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [split, { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false }],
      },
      decoder: { type: "ByteLevel" },
      model: {
        type: "BPE",
        unk_token: "[UNK]",
        vocab: { ...own, ...letters, ab: 14, abc: 15 },
        merges: ["a b", "ab c"],
      },
    },
    {
      ...base,
      normalizer: { type: "NFKC" },
      pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
      decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" },
      model: {
        type: "Unigram",
        unk_id: 3,
        vocab: [
          ["[PAD]", 0],
          ["[CLS]", 0],
          ["[SEP]", 0],
          ["[UNK]", 0],
          ["▁a", -1.5],
          ["b", -2],
          ["c", -2.5],
          ["▁", -3],
        ],
      },
    },
    { ...base, model: { type: "WordLevel", unk_token: "[UNK]", vocab: { ...own, ...letters } } },
  ].map((file) => ({ "tokenizer.json": new Uint8Array(Buffer.from(JSON.stringify(file))) }));
}
