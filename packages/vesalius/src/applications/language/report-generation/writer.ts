import type { Message } from "../../../data/index.ts";
import type { Exchange } from "../statements/source.ts";
import type { RequestedItem } from "./request.ts";
import type { NoteSection } from "./template.ts";

/** What a section is written from. */
export interface SectionDraft {
  readonly section: NoteSection;
  readonly source: readonly RequestedItem[];
  /** Exchanges that belong to the section, in their order. */
  readonly exchanges: readonly Exchange[];
}

/** What was written. */
export interface WrittenSection {
  readonly text: string;
  /** What a language model was asked, word for word. */
  readonly prompt?: readonly Message[];
  /** What went otherwise than asked: text that was cut to fit. */
  readonly cautions?: readonly string[];
}

/** Writes sections of notes. What it writes is checked against the source afterwards. */
export interface SectionWriter {
  /** For the response: what wrote the note. */
  readonly name: string;
  write(draft: SectionDraft, options?: { readonly signal?: AbortSignal }): Promise<WrittenSection>;
  release(): Promise<void>;
}
