import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { add, divide, maximum, multiply, reduceSum, square, subtract, type Value } from "../../graph/index.ts";
import { roleParts } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";

/** Settings of masked expression modelling. */
export const maskedExpressionSchema = z.strictObject({
  /** Role whose cells are learned from. */
  role: z.string().default("expression"),
  /** Share of the genes whose expression is hidden, in (0, 1). */
  maskRatio: z.number().gt(0).lt(1).default(0.15),
  /** Weight of the prediction from the cell's vector (gene expression prediction for cell modelling), 0 for none. */
  cellWeight: z.number().nonnegative().default(1),
});

const sum = (x: Value): Value => reduceSum(x, undefined, { keepDimensions: false });

/** Mean squared error over hidden genes, and that of predicting their mean, which a network that learned nothing does. */
function errors(predicted: Value, target: Value, hidden: Value): { error: Value; ofMean: Value } {
  const count = maximum(sum(hidden), predicted.graph.scalar(1));
  const mean = divide(sum(multiply(target, hidden)), count);
  return {
    error: divide(sum(multiply(square(subtract(predicted, target)), hidden)), count),
    ofMean: divide(sum(multiply(square(subtract(target, mean)), hidden)), count),
  };
}

/**
 * Masked expression modelling (Cui et al. 2024, scGPT): hidden expression values are predicted from the other genes of a
 * cell, and again from the vector of the cell alone. The term `explained` is the share of their variance that is
 * explained; 0 means that nothing beyond the mean was learned.
 *
 * @throws VesaliusError `bad-configuration` for networks that do not predict expression
 */
export function maskedExpression(options: z.input<typeof maskedExpressionSchema> = {}): Objective {
  const settings = validate(maskedExpressionSchema, options, { code: "bad-configuration", what: "masked expression" });
  const { role, maskRatio, cellWeight } = settings;
  return {
    name: "maskedExpression",
    settings,
    defaults: { epochs: 20, learningRate: 5e-4, weightDecay: 0.01 },
    feeds(backbone) {
      const part = roleParts(backbone)[role];
      if (backbone.network.heads?.["expression"] === undefined || part === undefined)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} predicts no expression of ${role}`, {
          where: "objective maskedExpression",
          fix: "choose a network over genes, such as geneTransformer",
        });
      return { parts: { [role]: { ...part, encoder: { name: "maskedExpression", of: part.encoder, maskRatio } } } };
    },
    loss({ inputs, features, backbone }) {
      const { targets, targetMask } = inputs[role]! as Readonly<Record<"targets" | "targetMask", Value>>;
      const given = features();
      const heads = backbone.network.heads!;
      const { values } = heads["expression"]!(given, 0, { training: true });
      const { error, ofMean } = errors(values!, targets, targetMask);
      const terms: Record<string, Value> = {
        error,
        explained: subtract(error.graph.scalar(1), divide(error, maximum(ofMean, error.graph.scalar(1e-8)))),
      };
      const cell = cellWeight > 0 ? heads["cellExpression"] : undefined;
      if (cell === undefined) return { loss: error, terms };
      const fromCell = errors(cell(given, 0, { training: true })["values"]!, targets, targetMask).error;
      return {
        loss: add(error, multiply(fromCell, error.graph.scalar(cellWeight))),
        terms: { ...terms, cellError: fromCell },
      };
    },
  };
}

/** Masked expression modelling in the catalogue of objectives. */
export const maskedExpressionEntry = entry({
  name: "maskedExpression",
  summary: "Predicts hidden expression values of a cell from its other genes.",
  settings: maskedExpressionSchema,
  create: maskedExpression,
  paper: "Cui et al. 2024",
});
