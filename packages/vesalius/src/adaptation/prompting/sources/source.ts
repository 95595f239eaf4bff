import type { Message } from "../../../data/index.ts";
import type { ChatModel } from "../../../generation/index.ts";
import type { AnsweringContext, AnsweringPlace } from "../../answering.ts";

/** Where a language model that is asked comes from. */
export interface ModelSource {
  /** What reports say of it: no address, no path, no key. */
  readonly described: Readonly<Record<string, unknown>>;
  /** Whether it is the run's own pretrained backbone. */
  readonly isBackbone?: boolean;
  /** Host and port that texts are sent to. */
  readonly sendsTo?: string;
  /** Whether it tells how likely an answer is. */
  readonly tellsLikelihoods: boolean;
  /** What decides its answers beside its settings. */
  identify?(place: AnsweringPlace): Promise<unknown>;
  /** Looks at everything that can be seen before it is asked. */
  check(context: AnsweringContext): Promise<void>;
  /** What is said as it is sent. */
  sent?(messages: readonly Message[], place: AnsweringPlace): readonly Message[];
  open(context: AnsweringContext): Promise<ChatModel>;
}
