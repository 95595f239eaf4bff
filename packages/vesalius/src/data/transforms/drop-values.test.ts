import { expect, test } from "vitest";
import { categoriesColumn } from "../columns/categories.ts";
import { encodeAll, fitted, numbersOf } from "../encoders/encoding.test.helper.ts";

const length = 400;
const column = categoriesColumn(
  ["fever", "cough", "site"],
  [
    ["no", "yes"],
    ["no", "yes"],
    ["a", "b", "c"],
  ],
  length,
  Array.from({ length: 3 * length }, (_, i) => (i % 3 === 2 ? i % 3 : (i >> 1) % 2)),
);

test("values go missing with all of their indicators, of each record another share", async () => {
  const encoder = await fitted({ name: "numbers" }, column);
  const part = { columns: ["record"], encoder };
  const whole = numbersOf(await encodeAll(part, { record: column }), "it.missing");
  expect(whole.every((missing) => missing === 0)).toBe(true);
  const changed = await encodeAll({ ...part, transforms: [{ name: "dropValues", most: 0.8 }] }, { record: column });
  const missing = numbersOf(changed, "it.missing");
  const shares = Array.from({ length }, (_, row) => {
    const [noFever, fever, noCough, cough, ...site] = missing.slice(7 * row, 7 * row + 7);
    expect([noFever, noCough, ...site.slice(1)]).toEqual([fever, cough, site[0], site[0]]);
    return (fever! + cough! + site[0]!) / 3;
  });
  // A share below 0.8 is 0.4 on average; of 1,200 values five standard deviations.
  expect(Math.abs(shares.reduce((sum, one) => sum + one, 0) / length - 0.4)).toBeLessThan(0.09);
  expect(new Set(shares).size).toBe(4);
  const values = numbersOf(changed, "it.values");
  missing.forEach((lost, i) => lost === 1 && expect(values[i]).toBe(0));
});
