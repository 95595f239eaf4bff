#!/usr/bin/env node
/**
 * Writes the tables of docs/recipes.md from the recipe schema: every key with its values, default and meaning. The
 * meaning is the comment above the key in the source, so that it is written once.
 *
 *     node scripts/recipe-reference.mjs          write
 *     node scripts/recipe-reference.mjs --check  exit 1 where the page is not current
 *
 * It reads the built library: run `npm run build` first.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fillRegions, root, runAsProgram } from "./regions.mjs";

const source = (path) => readFileSync(join(root, "packages/vesalius/src", path), "utf8");

/** Comments above the keys of one schema in a source file, and the comment above the schema itself. */
function commentsOf(path, constant) {
  const text = source(path);
  const start = text.search(new RegExp(`const ${constant}\\b[^=]*=`));
  if (start < 0) throw new Error(`${path} has no constant ${constant}; correct scripts/recipe-reference.mjs`);
  const rest = text.slice(start);
  const body = rest.slice(0, rest.search(/\n\}?\)?[;\]]|\n\};|\n\}\);/) + 1);
  const clean = (comment) =>
    comment
      .split("\n")
      .map((line) => line.replace(/^\s*\/?\*+\/?\s?/, "").replace(/\s*\*\/$/, ""))
      .join(" ")
      .trim();
  const keys = new Map(
    [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+):/g)].map(([, comment, key]) => [key, clean(comment)]),
  );
  const above = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export )?$/.exec(text.slice(0, start));
  return { keys, about: above === null ? "" : clean(above[1]) };
}

/** Keys that say enough by their name and carry no comment in the source. */
const plainMeanings = {
  name: "Name of the run's folder and report.",
  title: "Heading of the report; the name by default.",
  description: "The question that the run answers, for the report.",
  seed: "Seed of everything random.",
  data: "See [data](#data).",
  backbone: "See [backbone](#backbone).",
  pretraining: "See [pretraining](#pretraining); left out, nothing is pretrained.",
  adaptation: "See [adaptation](#adaptation); left out, nothing is adapted.",
  labelEfficiency: "See [labelEfficiency](#labelefficiency); left out, it is not measured.",
  evaluation: "See [evaluation](#evaluation).",
  epochs: "Passes over the training images.",
  batchSize: "Images in a step.",
  weightDecay: "Decoupled weight decay of the matrices (AdamW).",
  clipNorm: "Largest global norm of the gradient; larger ones are scaled down to it.",
  objective: "What the backbone learns; see [objectives](#objectives).",
  transforms: "Random changes of the training images, in order; see [transforms](#transforms).",
  methods: "The methods to compare; see [methods](#methods).",
  kind: "Architecture.",
  channels: "Channels of an image: 1 or 3.",
  width: "Width of the tokens.",
  depth: "Number of transformer blocks.",
  heads: "Attention heads; they divide the width.",
  qkvBias: "Bias of the projections to queries, keys and values.",
  classToken: "Whether a class token stands in front of the patches.",
  "decoder.width": "Width of the small transformer that predicts the hidden patches.",
  "decoder.depth": "Its number of blocks.",
  "decoder.heads": "Its attention heads.",
  rank: "Rank of the update.",
  generator: "The one generator there is.",
  dataset: "Name of the dataset's folder below `--data`.",
  "count.train": "Training images.",
  "count.validation": "Validation images.",
  "count.test": "Test images; 0 leaves the split out.",
  "size.height": "Pixels of the result; the image's own size unless told.",
  "size.width": "Pixels of the result.",
  "floor.metric": "The figure that a simple method reaches something in.",
  "floor.value": "What it reaches; taken from the dataset's card where that states one for the split.",
  "floor.name": "What it is, for the report.",
  split: "The images that models are judged on.",
  probability: "Chance that an image is changed.",
  height: "Pixels.",
  mean: "To subtract, on the scale where white is 1; one value, or one for each channel.",
  std: "To divide by; one value, or one for each channel.",
  brightness: "Largest change of the factor on all values.",
  contrast: "Largest change of the factor on the distance from the image's mean.",
  counts: "Numbers of labelled training images; `all` for the whole split.",
};

const rounded = (_key, value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);

const code = (value) => `\`${JSON.stringify(value, rounded).replaceAll('"', "").replaceAll(",", ", ")}\``;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const low = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const high = exclusiveMaximum === undefined ? maximum : exclusiveMaximum;
  const bounded = high !== undefined && high < Number.MAX_SAFE_INTEGER;
  if (low === undefined && !bounded) return "";
  const lower = low === undefined ? "" : exclusiveMinimum === undefined ? `from ${low}` : `above ${low}`;
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
  return Object.entries(schema.properties).flatMap(([key, value]) => {
    const needed = present && (schema.required?.includes(key) ?? false);
    const at = path === "" ? key : `${path}.${key}`;
    const inner = value.type === "object" && value.properties !== undefined && !(at in plainMeanings);
    return inner ? flatten(value, at, needed) : [{ at, key, value, needed }];
  });
}

/**
 * @param blocks comments to look for a key's meaning in, first come first
 * @param defaults of keys for which the schema itself states none
 */
function table(schema, blocks, defaults = {}) {
  const lines = ["| key | values | default | meaning |", "|---|---|---|---|"];
  for (const { at, key, value, needed } of flatten(schema)) {
    if (key === "name" && value.const !== undefined) continue;
    const commented = blocks.map(({ keys }) => keys.get(key)).find((found) => found !== undefined);
    const meaning = at === key ? (commented ?? plainMeanings[key]) : plainMeanings[at];
    const fallback = value.default ?? defaults[key];
    const start = fallback === undefined ? (needed ? "needed" : "") : code(fallback);
    lines.push(`| \`${at}\` | ${valuesOf(value)} | ${start} | ${(meaning ?? "").replaceAll("|", "\\|")} |`);
  }
  return lines.length === 2 ? ["No keys of its own."] : lines;
}

const variantsOf = (schema) => (schema.oneOf ?? schema.anyOf).map((form) => [form.properties.name.const, form]);

/** The comment above the schema of a transform, found by its name. */
function transformComments(name) {
  const folder = "data/transforms";
  const files = readdirSync(join(root, "packages/vesalius/src", folder)).filter((file) => !file.includes(".test."));
  const file = files.find((candidate) => source(`${folder}/${candidate}`).includes(`name: z.literal("${name}")`));
  if (file === undefined) throw new Error(`no file in ${folder} holds the schema of the transform ${name}`);
  return commentsOf(`${folder}/${file}`, `${name}Schema`);
}

/** Defaults of each method that only the method knows, as resolving a recipe fills them in. */
function methodDefaults(names, defineRecipe) {
  const own = { partialFineTuning: { parameters: ["*"] } };
  const { adaptation } = defineRecipe({
    name: "defaults",
    data: { task: "any" },
    pretraining: {},
    adaptation: { methods: names.map((name) => ({ name, ...own[name] })) },
  });
  const keys = ["epochs", "batchSize", "learningRate", "weightDecay", "warmupFraction", "clipNorm"];
  return [
    `| method | ${keys.join(" | ")} |`,
    `|---|${keys.map(() => "---").join("|")}|`,
    ...adaptation.methods.map((method) => `| \`${method.name}\` | ${keys.map((key) => method[key]).join(" | ")} |`),
  ];
}

/** The regions of the page, by name. */
export async function recipeRegions() {
  const { recipeJsonSchema, defineRecipe } = await import("vesalius/recipes");
  const { properties: top, ...recipe } = recipeJsonSchema();
  const inSchema = (constant) => commentsOf("recipes/schema.ts", constant);
  const training = commentsOf("recipes/schema/methods.ts", "trainingKeys");
  const label = commentsOf("recipes/schema/methods.ts", "shared");
  const adaptation = inSchema("adaptationSchema");
  const methods = variantsOf(top.adaptation.properties.methods.items);
  const shared = new Set([...Object.keys(top.adaptation.properties), "label", "steps"]);
  const ownKeys = (form) => ({
    ...form,
    properties: Object.fromEntries(Object.entries(form.properties).filter(([key]) => !shared.has(key))),
  });
  const methodFiles = {
    lora: ["adaptation/fine-tuning/lora-config.ts", "loraSchema"],
    bottleneckAdapter: ["adaptation/adapters/bottleneck.ts", "bottleneckSchema"],
    ia3: ["adaptation/adapters/ia3.ts", "ia3Schema"],
    prefixTuning: ["adaptation/prompts/prefix-tuning.ts", "prefixTuningSchema"],
    visualPrompts: ["adaptation/prompts/visual-prompts.ts", "visualPromptsSchema"],
  };
  const methodBlocks = (name) => [
    commentsOf("recipes/schema/methods.ts", "methodSchema"),
    ...(methodFiles[name] === undefined ? [] : [commentsOf(...methodFiles[name])]),
  ];
  const [, folder, generator] = top.data.properties.task.anyOf;
  const transforms = variantsOf(top.pretraining.properties.transforms.items);
  const objectives = variantsOf(top.pretraining.properties.objective);
  const objectiveFile = { maskedImageModelling: "pretraining/generative/masked-image-modelling.ts" };
  const trainingBlocks = [inSchema("pretrainingSchema"), training];
  return {
    recipe: table({ properties: top, required: recipe.required }, [inSchema("recipeSchema")]),
    data: [
      ...table(top.data, [commentsOf("recipes/schema/data-sources.ts", "dataSchema")]),
      "",
      "A source is the name of a dataset's folder, the same with settings, or a generator.",
      "",
      ...table(folder, [commentsOf("recipes/schema/data-sources.ts", "folderSchema")]),
      "",
      ...table(generator, [commentsOf("recipes/schema/data-sources.ts", "generatorSchema")]),
    ],
    backbone: table(
      top.backbone,
      [commentsOf("recipes/schema/backbone.ts", "backboneSchema"), commentsOf("models/vit.ts", "vitConfigSchema")],
      defineRecipe({ name: "defaults", data: { task: "any" }, pretraining: {} }).backbone,
    ),
    pretraining: table(top.pretraining, trainingBlocks),
    objectives: objectives.flatMap(([name, form]) => [
      `### ${name}`,
      "",
      ...table(form, objectiveFile[name] === undefined ? [] : [commentsOf(objectiveFile[name], `${name}Schema`)]),
      "",
    ]),
    adaptation: table(top.adaptation, [adaptation, training]),
    methods: [
      "Every method takes the keys of training above and `label`, " +
        (label.keys.get("label") ?? "").replace(/^Name/, "the name"),
      "",
      ...methods.flatMap(([name, form]) => [`### ${name}`, "", ...table(ownKeys(form), methodBlocks(name)), ""]),
      "What is left out of a method and of `adaptation`:",
      "",
      ...methodDefaults(
        methods.map(([name]) => name),
        defineRecipe,
      ),
    ],
    labelEfficiency: table(top.labelEfficiency, [inSchema("labelEfficiencySchema")]),
    evaluation: table(top.evaluation, [inSchema("evaluationSchema")]),
    transforms: transforms.flatMap(([name, form]) => {
      const comments = transformComments(name);
      const pixels = { keys: new Map([["width", plainMeanings.height]]) };
      return [`### ${name}`, "", comments.about, "", ...table(form, [comments, pixels]), ""];
    }),
  };
}

/** The page with its tables filled in. */
export const fillRecipes = async (text) => fillRegions(text, "schema", await recipeRegions());

await runAsProgram(import.meta.url, { "docs/recipes.md": fillRecipes });
