import { VesaliusError } from "../common/errors.ts";
import { throwIfInterrupted } from "../common/interruption.ts";
import type { GenerationSettings } from "./options.ts";

/** Why a text ended: at an end token, at a stop sequence, or because it had all the tokens that were asked for. */
export type FinishReason = "endToken" | "stopSequence" | "length";

/** Whether a list ends with a sequence. */
const endsWith = (tokens: readonly number[], sequence: readonly number[]): boolean =>
  tokens.length >= sequence.length &&
  sequence.every((token, i) => tokens[tokens.length - sequence.length + i] === token);

/**
 * Why a text ends after its last token; undefined while it goes on.
 *
 * @param written the new tokens, at least one. A stop sequence must lie in them; one that begins in the prompt does not count
 */
export function finishReason(
  written: readonly number[],
  settings: Pick<GenerationSettings, "endTokens" | "stopSequences" | "maximumNewTokens" | "minimumNewTokens">,
): FinishReason | undefined {
  if (settings.endTokens.includes(written.at(-1)!)) return "endToken";
  if (
    written.length >= settings.minimumNewTokens &&
    settings.stopSequences.some((sequence) => endsWith(written, sequence))
  )
    return "stopSequence";
  return written.length >= settings.maximumNewTokens ? "length" : undefined;
}

/**
 * What happens where the options forbid every token.
 *
 * @throws VesaliusError `bad-argument`
 */
export function noTokenLeft(written: number): never {
  throw new VesaliusError("bad-argument", `every token is forbidden after ${written} new ones`, {
    where: "noRepeatNgram, minimumNewTokens",
    fix: "ask for fewer tokens or forbid less",
  });
}

/**
 * Ends a run that its caller gave up.
 *
 * @throws VesaliusError `interrupted`
 */
export const throwIfAborted = (signal: AbortSignal | undefined, written: number): void =>
  throwIfInterrupted(signal, `generation was stopped after ${written} tokens`);
