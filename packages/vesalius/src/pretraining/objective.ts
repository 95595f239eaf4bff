import type { Feeds, Split } from "../data/index.ts";
import type { Tensors } from "../graph/index.ts";
import type { Backbone, Features, HiddenPlaces } from "../models/network.ts";
import type { ReportSection } from "../report/index.ts";
import type { TrainingInput } from "../training/index.ts";
import type { Loss, LossContext } from "../tasks/task.ts";
import type { HeldOutExamples, HeldOutMeasure, MeasureOptions, WeightedBackbone } from "./held-out.ts";

/** What objectives are built with. */
export interface ObjectiveContext extends LossContext {
  /**
   * Features of the backbone.
   *
   * @param parts the part that each role reads; the part of the role's own name where it is left out. Equal calls share one
   * forward pass
   * @param training whether dropout acts and batch statistics are used, as in `Mode`; they do where it is left out
   */
  readonly features: (
    parts?: Readonly<Record<string, string>>,
    hidden?: Readonly<Record<string, HiddenPlaces>>,
    training?: boolean,
  ) => Features;
}

/** What a backbone learns, mostly without labels. */
export interface Objective {
  readonly name: string;
  /** Everything that makes it again, plain data. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** @throws VesaliusError `bad-configuration` for a backbone that does not give what the objective needs */
  feeds(backbone: Backbone): Feeds;
  /** Settings of training where the caller gives none. */
  readonly defaults?: TrainingInput;
  /** Parameters that it adds (a decoder) are left out of the pretrained backbone. */
  loss(context: ObjectiveContext): Loss;
  /**
   * How well what was learned holds on examples that were not learned from, beside what has to be beaten.
   *
   * @param backbone as `feeds` takes it, pretrained
   */
  measure?(
    backbone: WeightedBackbone,
    examples: HeldOutExamples,
    options?: MeasureOptions,
  ): Promise<readonly HeldOutMeasure[]>;
  /** Examples that `show` is given; six where it is left out. */
  readonly shownExamples?: number;
  /**
   * Sections of a report: reconstructions, filled masks, signs of collapse.
   *
   * @param shown values of `Loss.shown` for one batch of examples
   */
  show?(shown: Tensors, examples: Split): Promise<readonly ReportSection[]>;
}
