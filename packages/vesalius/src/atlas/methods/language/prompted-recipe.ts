import type { DerivedRecipe, Ingredients } from "../../surveyed-method.ts";

type Change = Readonly<Record<string, unknown>>;

/** What a small decoder that is asked in words is made of. */
export const asked: Ingredients = {
  architecture: "gpt2",
  objectives: ["nextToken"],
  task: "classification",
  methods: ["prompting"],
};

const base = "language/prompted-sections";

/** A method that asks, with what the model sees. */
export const asking = (strategy: Change, columns: readonly string[] = ["text"], more: Change = {}): Change => ({
  name: "prompting",
  columns,
  strategy,
  ...more,
});

/** The recipe in which a small decoder is asked about sections of notes, with some methods. */
export const sections = (...methods: readonly Change[]): DerivedRecipe => ({
  base,
  change: { adaptation: { methods } },
});

/** The same decoder is asked questions of medical examinations. */
export const examination = (...methods: readonly Change[]): DerivedRecipe => ({
  base,
  change: {
    data: { task: { dataset: "medmcqa", columns: null } },
    backbone: { inputs: { text: ["question", "choices"] }, encoders: { text: { pair: true } } },
    pretraining: { encoders: { text: { pair: false } } },
    task: { name: "multipleChoice", allowMissingClasses: null },
    adaptation: { methods },
    evaluation: { floors: [{ metric: "accuracy", value: 0.25, name: "chance" }] },
  },
});

/**
 * The same decoder is asked closed questions about radiology images, of which it is told what the data name: organ and kind
 * of question.
 */
export const radiology = (...methods: readonly Change[]): DerivedRecipe => ({
  base,
  change: {
    data: {
      task: {
        dataset: "vqa-rad",
        leakage: "drop-from-train",
        only: { answer_type: "CLOSED" },
        allowMissingClasses: true,
        columns: {
          text: { kind: "texts", from: "question" },
          organ: { kind: "texts", from: "image_organ" },
          label: { kind: "classes", from: "answer", foldCase: true, others: "class" },
        },
      },
    },
    // Similar cases stand in the prompt with all answers that there are.
    backbone: { contextLength: 4096 },
    adaptation: { methods },
    evaluation: { floors: [{ metric: "accuracy", value: 0.6142, name: "logistic regression of TF-IDF" }] },
  },
});

/** The same decoder is asked which personal data sentences hold. */
export const personalData = (...methods: readonly Change[]): DerivedRecipe => ({
  base,
  change: {
    data: { task: { dataset: "pii-synth", columns: null } },
    task: { name: "tokenClassification", allowMissingClasses: null },
    adaptation: { methods },
    evaluation: { metric: null, floors: null },
  },
});

/** The same decoder is asked to conclude from abstracts. */
export const conclusions = (...methods: readonly Change[]): DerivedRecipe => ({
  base,
  change: {
    data: {
      task: {
        dataset: "pubmedqa",
        columns: {
          text: { kind: "texts", from: "CONTEXTS" },
          label: null,
          plain: { kind: "texts", from: "LONG_ANSWER" },
        },
      },
    },
    task: { name: "generation", allowMissingClasses: null, prompt: "{text}", column: "plain", shorten: "text" },
    adaptation: { methods },
    evaluation: { metric: "rougeL", floors: null },
  },
});

/** What is asked otherwise than in the papers. */
export const smallDecoder =
  "a GPT-2 of two layers and 128 units that read open English text is asked, where the paper asks a large language model: the words that are exchanged are the same, the answers are not; a GGUF file or a service in its place is one key (model)";
