import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { smilesFault } from "./smiles-syntax.ts";

describe("smilesFault", () => {
  it.each([
    "CCO",
    "C1CCCCC1",
    "CC(=O)Oc1ccccc1C(=O)O",
    "C12C3C4C1C5C4C3C25",
    "C%10CC%10",
    "C%(123)CC%(123)",
    "C=1CCCCC=1",
    "[13CH4].[NH4+].[Cl-]",
    "C1CC.C1",
    "CC(C)(C)c1ccc2occ(CC(=O)Nc3ccccc3F)c2c1",
    "OC(=O)C.OCC>[H+].OCC>OC(=O)CC",
    "CCO ethanol (pure",
    "CCO |c:1,t:3|",
    "*CC*",
    "N->[Pt]",
    "[C][C][=O][Ring1][Branch1]",
  ])("finds nothing in %s", (smiles) => {
    expect(smilesFault(smiles)).toBeUndefined();
  });

  it.each([
    ["C1CC", "ring"],
    ["C%10CC", "ring"],
    ["C1CC%01C2", "ring"],
    ["CC(C", "parenthesis is not closed"],
    ["CC)C", "closed that is not open"],
    ["C(C))(C", "closed that is not open"],
    ["C[NH", "bracket is not closed"],
    ["C[N[H]]", "bracket is not closed"],
    ["CN]C", "bracket is closed"],
    ["C[]C", "holds no atom"],
    ["C%1C", "no number of a ring"],
    ["C1CC>>C1CC", "ring"],
  ])("refuses %s", (smiles, text) => {
    expect(smilesFault(smiles)).toContain(text);
  });

  it("finds any bracket, parenthesis or ring that is taken out of a whole one", () => {
    const whole = "CC(C)(C)c1ccc2occ(CC(=O)N[C@@H]3CCCC[C@H]3F)c2c1";
    const places = whole.split("").flatMap((letter, i) => (/[[\]()]/.test(letter) ? [i] : []));
    fc.assert(
      fc.property(fc.constantFrom(...places), (i) => {
        expect(smilesFault(whole.slice(0, i) + whole.slice(i + 1))).toBeDefined();
      }),
      { numRuns: places.length },
    );
  });
});
