/** Deepest nesting that is read; files of the field have a dozen levels. */
const deepest = 256;

/** Whether brackets outside of texts are open deeper than any file of the field has them. */
function nestsDeep(text: string): boolean {
  let open = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (quoted) {
      if (sign === 0x5c) i++;
      else if (sign === 0x22) quoted = false;
    } else if (sign === 0x22) quoted = true;
    else if (sign === 0x5b || sign === 0x7b) {
      if (++open > deepest) return true;
    } else if (sign === 0x5d || sign === 0x7d) open--;
  }
  return false;
}

/**
 * Reads JSON from outside. What nests deeper than 256 levels is refused: whoever walks through it goes down as deep.
 *
 * @throws SyntaxError for what is no JSON, or nests too deep
 */
export function parseJson(text: string): unknown {
  if (nestsDeep(text)) throw new SyntaxError(`the JSON nests deeper than ${deepest} levels`);
  return JSON.parse(text) as unknown;
}
