import {
  broadcastable,
  differentiable,
  fed,
  integersIn,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
  uniform,
} from "./arbitraries.test.cases.ts";

const coins = integersIn(0, 1);

/** Cases of comparison, logic and selection. */
export const comparisonCases: readonly OperatorEntry[] = [
  ...["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"].map((operator) =>
    typesOnly(
      operator,
      broadcastable(2).map(([x, y]) => single(operator, [fed(x!), fed(y!)])),
    ),
  ),
  ...["And", "Or", "Xor"].map((operator) =>
    typesOnly(
      operator,
      broadcastable(2).map(([x, y]) => single(operator, [fed(x!, coins, "bool"), fed(y!, coins, "bool")])),
    ),
  ),
  typesOnly(
    "Not",
    shape().map((x) => single("Not", [fed(x, coins, "bool")])),
  ),
  ...["IsNaN", "IsInf"].map((operator) =>
    typesOnly(
      operator,
      shape().map((x) => single(operator, [fed(x)])),
    ),
  ),
  differentiable(
    "Where",
    broadcastable(3).map(([condition, x, y]) =>
      single("Where", [fed(condition!, coins, "bool"), fed(x!, uniform()), fed(y!, uniform())]),
    ),
  ),
];
