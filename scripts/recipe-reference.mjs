#!/usr/bin/env node
/**
 * Writes the tables of docs/recipes.md from the recipe schema and the catalogues: every name with its keys, their values,
 * defaults and meanings. The meaning is the comment above the key in the source, so that it is written once.
 *
 *     node scripts/recipe-reference.mjs          write
 *     node scripts/recipe-reference.mjs --check  exit 1 where the page is not current
 *
 * It reads the built library: run `npm run build` first.
 */
import { z } from "zod";
import { fillRegions, runAsProgram } from "./regions.mjs";
import { meaningsIn, meaningsOfEntry } from "./source-comments.mjs";

/** Parts of a recipe that have a chapter of their own. */
const chapters = {
  data: "See [data](#data).",
  backbone: "See [backbone](#backbone).",
  pretraining: "See [pretraining](#pretraining); left out, nothing is pretrained.",
  task: "What the backbone is adapted to; see [tasks](#tasks).",
  adaptation: "See [adaptation](#adaptation); left out, nothing is adapted.",
  studies: "Questions beside the comparison of methods; see [studies](#studies).",
  evaluation: "See [evaluation](#evaluation).",
};

/** Keys that say enough by their name and carry no comment in the source. */
const plainMeanings = {
  attentionReduction: "How many times narrower attention to the image is.",
  ambiguousMasks: "Masks that are offered for one prompt.",
  qualityDepth: "Layers of the head that rates masks.",
  qualityWidth: "Width of the head that rates masks.",
  "masking.replace.mask": "Share of chosen places that show the mask token.",
  "masking.replace.random": "Share that shows a token drawn at random.",
  "masking.replace.keep": "Share that stays as it is.",
  question: "Column of the questions.",
  length: "Length of what is made.",
  search: "How the next token is chosen: greedy, beam or sampling.",
  maximumNewTokens: "Most tokens that are written.",
  minimumNewTokens: "Tokens before which no text ends.",
  repetitionPenalty: "Divides the scores of tokens that were written before; 1 changes nothing.",
  noRepeatNgram: "Length of runs of tokens that occur once at most.",
  objective: "What the backbone learns; see [objectives](#objectives).",
  optimizer: "See [optimizers](#optimizers); AdamW by default.",
  schedule: "Course of the learning rate; see [schedules](#schedules).",
  generator: "Name of the generator.",
  "floors.value": "What it reaches.",
  probability: "Chance that an example is changed.",
  height: "Pixels.",
  width: "Width of the network's vectors.",
  depth: "Number of layers.",
  heads: "Attention heads; they divide the width.",
  channels: "Channels of the input.",
  mean: "To subtract, on the scale where white is 1; one value, or one for each channel.",
  std: "To divide by; one value, or one for each channel.",
  brightness: "Largest change of the factor on all values.",
  contrast: "Largest change of the factor on the distance from the image's mean.",
  rank: "Rank of the update.",
  betas: "Decay of the moving averages of gradient and squared gradient.",
  epsilon: "Added to denominators.",
  momentum: "Decay of the moving average of the gradient.",
  seed: "Seed of everything random.",
  train: "Training examples.",
  validation: "Validation examples; 0 leaves the split out.",
  test: "Test examples; 0 leaves the split out.",
  power: "Exponent of the fall.",
  dataset: "Folder or file, below `--data` or beside the recipe.",
  reader: "The reader, where a folder could be read in several ways.",
  split: "Divide data that come without splits: `80/10/10` or `80/20`.",
  strata: "Column in whose proportions to divide; the label without it.",
  maxBytes: "Most bytes that reading may hold in memory, over all files together.",
  imageSize: "Height and width of the images, in pixels.",
  prevalence: "Share of positive images, over both sites or for each.",
  patchSize: "Height and width of a patch, in pixels.",
  windowSize: "Patches along a side of a window of attention.",
  headWidth: "Width of one attention head.",
  feedForwardRatio: "Width of the perceptrons in widths of the network.",
  vocabularySize: "Number of tokens; that of the tokenizer without it.",
  contextLength: "Longest sequence, in tokens.",
  maximumPositions: "Longest sequence, in tokens.",
  rotaryTheta: "Base of the wavelengths of rotary positions.",
  experts: "Experts of each layer.",
  expertsPerToken: "Experts that each token is sent to.",
  convolutionBias: "Whether convolutions have a bias.",
  encoderDepth: "Layers of the encoder.",
  decoderDepth: "Layers of the decoder.",
  encoderHeads: "Attention heads of the encoder.",
  decoderHeads: "Attention heads of the decoder.",
  encoderHiddenWidth: "Width of the encoder's perceptrons.",
  decoderHiddenWidth: "Width of the decoder's perceptrons.",
  endToken: "Index of the token that ends a sequence.",
  maskToken: "Index of the token that hides another.",
  factor: "Factor on the learning rate.",
  stepSize: "Steps between two changes.",
  firstCycleSteps: "Steps of the first cycle.",
  warmupSteps: "Steps in which the learning rate rises in a straight line.",
  warmupFraction: "The same as a share of the run.",
  endLearningRate: "Rate at the end.",
  minimumLearningRate: "Lowest rate.",
  freezeSteps: "Steps at the beginning without learning.",
  warmupStartLearningRate: "Rate of the first step of the warm-up.",
  finalLearningRate: "Rate at the end.",
  divisor: "The peak divided by the rate of the first step.",
  finalDivisor: "The first rate divided by the last.",
  amsgrad: "Keep the largest second moment (Reddi et al. 2018).",
  biasCorrection: "Correct the moving averages for their start at zero.",
  maximumWeightNorm: "Norm of weights above which the rate of a tensor does not grow.",
  clipTrustRatio: "Let the rate of a tensor not exceed the learning rate.",
  alwaysAdapt: "Adapt the rate of tensors without weight decay too.",
  trustCoefficient: "Factor on the rate of a tensor.",
  dampening: "Share of the gradient that does not enter the momentum.",
  nesterov: "Nesterov's momentum.",
  hiddenWidth: "Width of the hidden layers of the perceptrons.",
  mlpRatio: "Hidden width of the perceptrons divided by the width.",
  activation: "Nonlinearity of the hidden layers.",
  norm: "Normalization of the layers.",
  qkvBias: "Bias of the projections to queries, keys and values.",
  classToken: "Whether a class token stands in front of the places.",
  tokenTypes: "Rows of the table of segments.",
  relativeBuckets: "Distances that are told apart.",
  relativeMaximumDistance: "Distance from which all are alike.",
  stemWidth: "Channels of the first convolution.",
  spatial: "Spatial axes: 2 for images, 3 for volumes.",
  patch: "Extents that the network reads at once.",
  paddingToken: "Token whose vector gets no gradient from the look-up; null for none.",
  valueBins: "Levels of expression that are told apart.",
  "stem.channels": "Channels of the first convolution.",
  "replace.mask": "Share of the hidden tokens that show the mask token.",
  "replace.random": "Share that show another token.",
  "replace.keep": "Share that show themselves.",
};

const rounded = (_key, value) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
const code = (value) => `\`${JSON.stringify(value, rounded).replaceAll('"', "").replaceAll(",", ", ")}\``;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const low = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const high = exclusiveMaximum === undefined ? maximum : exclusiveMaximum;
  const bounded = high !== undefined && high < Number.MAX_SAFE_INTEGER;
  const floored = low !== undefined && low > -Number.MAX_SAFE_INTEGER;
  if (!floored && !bounded) return "";
  const lower = !floored ? "" : exclusiveMinimum === undefined ? `from ${low}` : `above ${low}`;
  const upper = bounded ? (exclusiveMaximum === undefined ? `to ${high}` : `below ${high}`) : "";
  const joint = lower !== "" && upper.startsWith("below") ? " and " : " ";
  return ` ${[lower, upper].filter((part) => part !== "").join(joint)}`;
}

/** What may be written for a key, in words. */
function valuesOf(schema) {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => code(value)).join(", ");
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms !== undefined) {
    const names = forms.map((form) => (form.properties?.name?.const === undefined ? valuesOf(form) : "object"));
    return [...new Set(names)].join(" or ");
  }
  if (schema.type === "array") {
    if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map((item) => valuesOf(item)).join(", ")}]`;
    return `list of ${valuesOf(schema.items ?? {})}`;
  }
  if (schema.type === "integer") return `whole number${range(schema)}`;
  if (schema.type === "number") return `number${range(schema)}`;
  if (schema.type === "boolean") return "`true`, `false`";
  if (schema.type === "string") return "text";
  return "object";
}

/** Keys of an object, those of objects inside it under their path: `decoder.width`. */
function flatten(schema, path = "", present = true) {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const needed = present && (schema.required?.includes(key) ?? false);
    const at = path === "" ? key : `${path}.${key}`;
    const inner = value.type === "object" && value.properties !== undefined && !(at in chapters);
    return inner ? flatten(value, at, needed) : [{ at, key, value, needed }];
  });
}

const json = (schema) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

/**
 * @param meaning what a key means, by its name
 * @param links what is said instead
 */
function table(schema, meaning, links = {}) {
  const lines = ["| key | values | default | meaning |", "|---|---|---|---|"];
  for (const { at, key, value, needed } of flatten(schema)) {
    if (key === "name" && value.const !== undefined) continue;
    const said =
      links[at] ?? (at === key ? meaning(key) : undefined) ?? plainMeanings[at] ?? meaning(key) ?? plainMeanings[key];
    const start = value.default === undefined ? (needed ? "needed" : "") : code(value.default);
    lines.push(`| \`${at}\` | ${valuesOf(value)} | ${start} | ${(said ?? "").replaceAll("|", "\\|")} |`);
  }
  return lines.length === 2 ? ["No keys of its own."] : lines;
}

/** Every entry of a catalogue with its settings. */
function entriesOf({ entries }, folders, more = () => []) {
  return entries.flatMap((entry) => [
    `### ${entry.name}`,
    "",
    `${entry.summary.replace(/\.?$/, ".")}${entry.paper === undefined ? "" : ` ${entry.paper.replace(/\.?$/, ".")}`}`,
    "",
    ...more(entry),
    ...table(json(entry.settings), meaningsOfEntry(folders, entry.name)),
    "",
  ]);
}

/** Defaults of each method that only the method knows. */
function methodDefaults({ methods }, resolveTraining) {
  const own = { partialFineTuning: { parameters: ["*"] }, prompting: { columns: ["text"] } };
  const keys = ["epochs", "batchSize", "learningRate", "weightDecay", "clipNorm"];
  return [
    `| method | ${keys.join(" | ")} |`,
    `|---|${keys.map(() => "---").join("|")}|`,
    ...methods.names.flatMap((name) => {
      const { answering, defaults } = methods.create({ name, ...own[name] });
      if (answering !== undefined) return [];
      const training = resolveTraining(defaults);
      return `| \`${name}\` | ${keys.map((key) => training[key]).join(" | ")} |`;
    }),
  ];
}

/** The regions of the page, by name. */
export async function recipeRegions() {
  const { builtInCatalogues: catalogues, recipeSchema } = await import("vesalius/recipes");
  const { modelSources, promptings } = await import("vesalius/adaptation");
  const { optimizers, resolveTraining, scheduleSchema, trainingSettingsSchema } = await import("vesalius/training");
  const shape = recipeSchema(catalogues).shape;
  const inner = (schema) => (schema.unwrap === undefined ? schema : inner(schema.unwrap()));
  const without = (schema, keys) => ({
    ...schema,
    properties: Object.fromEntries(Object.entries(schema.properties).filter(([key]) => !keys.includes(key))),
  });
  const training = Object.keys(trainingSettingsSchema.shape);
  const frame = meaningsIn("recipes/schema.ts", "recipes/schema/training.ts", "training/training-settings.ts");
  const data = json(shape.data);
  const [, folder] = data.properties.task.anyOf;
  const backbone = json(inner(shape.backbone));
  const loaded = backbone.anyOf.find(({ properties }) => properties?.weights !== undefined);
  return {
    recipe: table(json(recipeSchema(catalogues)), frame, chapters),
    data: [
      ...table(data, meaningsIn("recipes/schema/data.ts")),
      "",
      "A source is the name of a dataset's folder, the same with settings, or a generator. The settings of each reader are in [data](data.md).",
      "",
      ...table(
        { ...folder, properties: Object.fromEntries(Object.entries(folder.properties).slice(0, 10)) },
        meaningsIn("data/opening-options.ts", "recipes/schema/data.ts", "data/dataset/assemble-dataset.ts"),
      ),
    ],
    generators: entriesOf(catalogues.generators, ["data/datasets"]),
    backbone: [
      "| key | values | default | meaning |",
      "|---|---|---|---|",
      `| \`name\` | ${catalogues.architectures.names.map((name) => `[\`${name}\`](#${name.toLowerCase()})`).join(", ")} | needed | Architecture. |`,
      "| `preset` | see each architecture |  | A named size of the network. Other keys override it. |",
      ...table(loaded, meaningsIn("recipes/schema/backbone.ts")).slice(2),
    ],
    architectures: entriesOf(catalogues.architectures, ["models"], ({ presets, roles }) => [
      `Reads ${Object.entries(roles)
        .map(([role, kinds]) => `\`${role}\` (${kinds})`)
        .join(", ")}. Sizes: ${
        Object.keys(presets)
          .map((name) => `\`${name}\``)
          .join(", ") || "none"
      }.`,
      "",
    ]),
    pretraining: table(without(json(inner(shape.pretraining)), training), frame),
    objectives: entriesOf(catalogues.objectives, ["pretraining"]),
    training: table(json(trainingSettingsSchema), meaningsIn("training/training-settings.ts")),
    optimizers: entriesOf(optimizers, ["training/optimizers"]),
    schedules: json(scheduleSchema).oneOf.flatMap((form) => [
      `### ${form.properties.name.const}`,
      "",
      ...table(form, meaningsIn("training/schedule-schema.ts")),
      "",
    ]),
    tasks: entriesOf(catalogues.tasks, ["tasks"]),
    inferences: entriesOf(catalogues.inferences, ["tasks/inference"]),
    adaptation: table(without(json(inner(shape.adaptation)), training), frame),
    methods: [
      ...entriesOf(catalogues.methods, ["adaptation"]),
      "What is left out of a method and of `adaptation`:",
      "",
      ...methodDefaults(catalogues, resolveTraining),
      "",
      "Strategies of [prompting](prompting.md):",
      "",
      ...entriesOf(promptings, ["adaptation/prompting"]),
      "Models that are asked:",
      "",
      ...entriesOf(modelSources, ["adaptation/prompting/sources", "generation/chat"]),
    ],
    studies: entriesOf(catalogues.studies, ["recipes/studies"]),
    evaluation: table(json(inner(shape.evaluation)), meaningsIn("recipes/schema/evaluation.ts")),
    baselines: entriesOf(catalogues.baselines, ["tasks/baselines"]),
    samplers: entriesOf(catalogues.samplers, ["data/samplers"]),
    transforms: entriesOf(catalogues.transforms, ["data/transforms"]),
  };
}

/** The page with its tables filled in. */
export const fillRecipes = async (text) => fillRegions(text, "schema", await recipeRegions());

await runAsProgram(import.meta.url, { "docs/recipes.md": fillRecipes });
