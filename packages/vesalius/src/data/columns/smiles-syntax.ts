/** What is opened and must be closed in a SMILES, as it is read from left to right. */
class Opened {
  readonly rings = new Set<string>();
  branches = 0;

  /** A number of a ring that is met for the first time opens it, for the second time closes it. */
  ring(number: string): void {
    if (!this.rings.delete(number)) this.rings.add(number);
  }

  fault(): string | undefined {
    if (this.branches > 0) return "a parenthesis is not closed";
    return this.rings.size > 0 ? "a ring is opened and not closed" : undefined;
  }
}

/** A ring's number: one digit, `%` and two digits, or `%(` and up to five digits with `)`. */
const RING = /%\((\d{1,5})\)|%(\d\d)|(\d)/y;

/**
 * What is unbalanced in a SMILES: brackets, parentheses or closures of rings (Weininger 1988; OpenSMILES 1.0). Molecules
 * of a reaction (`A.B>>C`) are looked at one by one; what follows a blank (a name, an extension) is not looked at.
 *
 * @returns undefined where everything that is opened is closed; nothing of the SMILES is quoted
 */
export function smilesFault(text: string): string | undefined {
  const smiles = text.trim().split(/\s/, 1)[0]!;
  let opened = new Opened();
  for (let i = 0; i < smiles.length; i++) {
    const letter = smiles[i]!;
    if (letter === "[") {
      const end = smiles.indexOf("]", i);
      if (end < 0 || smiles.slice(i + 1, end).includes("[")) return "a bracket is not closed";
      if (end === i + 1) return "a bracket holds no atom";
      i = end;
    } else if (letter === "]") return "a bracket is closed that is not open";
    else if (letter === "(") opened.branches++;
    else if (letter === ")") {
      if (--opened.branches < 0) return "a parenthesis is closed that is not open";
    } else if (letter === ">" && smiles[i - 1] !== "-") {
      const fault = opened.fault();
      if (fault !== undefined) return fault;
      opened = new Opened();
    } else if (letter === "%" || (letter >= "0" && letter <= "9")) {
      RING.lastIndex = i;
      const ring = RING.exec(smiles);
      if (ring === null) return "a % is followed by no number of a ring";
      opened.ring(String(Number(ring[1] ?? ring[2] ?? ring[3])));
      i += ring[0].length - 1;
    }
  }
  return opened.fault();
}
