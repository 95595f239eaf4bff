import type { Estimate } from "./estimate.ts";

/** Every section can be set to half the page's width (two beside each other on a wide page) or to all of it. */
interface SectionLayout {
  readonly width?: "half" | "full";
}

/** Starts a part of the report. */
export interface HeadingSection extends SectionLayout {
  readonly kind: "heading";
  readonly title: string;
  readonly text?: string;
}

/** Paragraphs. */
export interface TextSection extends SectionLayout {
  readonly kind: "text";
  readonly title?: string;
  readonly paragraphs: readonly string[];
}

/** The few figures that answer the reader's question, large. */
export interface HeadlineSection extends SectionLayout {
  readonly kind: "headline";
  readonly figures: readonly {
    readonly label: string;
    readonly figure: Estimate;
    /** What the figure is held against: a floor, a published baseline, another model. */
    readonly comparison?: { readonly label: string; readonly value: number };
    /** After the number: `%`, `kWh`, `min`. */
    readonly unit?: string;
    /** Decimals shown; three when left out. */
    readonly decimals?: number;
  }[];
}

/** Names with values: settings, environment, data. */
export interface KeyValuesSection extends SectionLayout {
  readonly kind: "keyValues";
  readonly title: string;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

/** A cell of a table: text, or a figure that is shown above its interval. */
export type TableCell = string | Estimate;

/** A table; the first column names the row. */
export interface TableSection extends SectionLayout {
  readonly kind: "table";
  readonly title: string;
  readonly columns: readonly {
    readonly label: string;
    /** `sentence` is text that needs room; `right` is for numbers. */
    readonly align?: "left" | "right" | "sentence";
  }[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly note?: string;
}

/** A column of numbers, aligned to the right. */
export const numberColumn = (label: string) => ({ label, align: "right" as const });

/** ROC curves of one or several classes or models. */
export interface RocSection extends SectionLayout {
  readonly kind: "roc";
  readonly title: string;
  readonly curves: readonly {
    readonly name: string;
    readonly falsePositiveRate: readonly number[];
    readonly truePositiveRate: readonly number[];
    readonly area?: Estimate;
  }[];
}

/** Precision-recall curves of one or several classes or models. */
export interface PrecisionRecallSection extends SectionLayout {
  readonly kind: "precisionRecall";
  readonly title: string;
  readonly curves: readonly {
    readonly name: string;
    readonly recall: readonly number[];
    readonly precision: readonly number[];
    readonly averagePrecision?: Estimate;
    /** Share of positives, the floor of the curve. */
    readonly prevalence?: number;
  }[];
}

/** Cases whose predicted probability lies in one bin. */
interface ReliabilityBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly meanProbability: number;
  readonly observedRate: number;
}

/** Reliability diagram: predicted probability against observed rate, with the number of cases below. */
export interface ReliabilitySection extends SectionLayout {
  readonly kind: "reliability";
  readonly title: string;
  readonly bins: readonly ReliabilityBin[];
  /** What the probability is of, for the axis: "Confidence". */
  readonly xLabel?: string;
  /** What is counted: "Share correct". */
  readonly yLabel?: string;
}

/** Confusion matrix, shaded by the share of the true class. */
export interface ConfusionMatrixSection extends SectionLayout {
  readonly kind: "confusionMatrix";
  readonly title: string;
  readonly classNames: readonly string[];
  /** Row = true class, column = predicted class. */
  readonly counts: readonly (readonly number[])[];
}

/** Rows of a name, a figure and its interval. */
export interface IntervalRow {
  readonly label: string;
  readonly figure: Estimate;
  /** Number of cases, shown beside the name. */
  readonly count?: number;
}

/** Subgroups as points with intervals around the figure of all cases. */
export interface ForestSection extends SectionLayout {
  readonly kind: "forest";
  readonly title: string;
  readonly valueLabel: string;
  readonly rows: readonly IntervalRow[];
  /** Where a line is drawn: the figure of all cases. */
  readonly reference?: number;
  readonly note?: string;
}

/** Methods or models as bars with intervals. */
export interface BarsSection extends SectionLayout {
  readonly kind: "bars";
  readonly title: string;
  readonly valueLabel: string;
  readonly rows: readonly IntervalRow[];
  /** Where bars start; 0 when left out. For an ROC AUC, 0.5 is nothing. */
  readonly baseline?: number;
  /** Where a line is drawn: a floor or a published figure. */
  readonly reference?: number;
  readonly note?: string;
}

/** Lines over a common axis: loss over steps, figure over number of labels. */
export interface LinesSection extends SectionLayout {
  readonly kind: "lines";
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Logarithmic for label efficiency; x must then be above 0. */
  readonly xScale?: "linear" | "log";
  readonly series: readonly {
    readonly name: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
    /** Ends of the band around the line, where there is one. */
    readonly lower?: readonly number[];
    readonly upper?: readonly number[];
  }[];
  readonly note?: string;
}

/** Pictures in a grid: masked images and their reconstructions, for example. */
export interface ImagesSection extends SectionLayout {
  readonly kind: "images";
  readonly title: string;
  /** Images per row on a wide page. */
  readonly columns: number;
  readonly images: readonly {
    /** `data:image/png;base64,...` (PNG, JPEG or WebP). */
    readonly dataUri: string;
    /** What the picture shows, for a reader who cannot see it. */
    readonly description: string;
    readonly caption?: string;
  }[];
  readonly note?: string;
}

/** A part of a report. */
export type ReportSection =
  | HeadingSection
  | TextSection
  | HeadlineSection
  | KeyValuesSection
  | TableSection
  | RocSection
  | PrecisionRecallSection
  | ReliabilitySection
  | ConfusionMatrixSection
  | ForestSection
  | BarsSection
  | LinesSection
  | ImagesSection;

/** Sections that are drawn as a chart. */
export type ChartSection =
  | RocSection
  | PrecisionRecallSection
  | ReliabilitySection
  | ForestSection
  | BarsSection
  | LinesSection;

/** A report before it is written. */
export interface ReportDocument {
  readonly title: string;
  readonly subtitle?: string;
  /** Added to the research-use notice that every report carries. */
  readonly notice?: string;
  readonly sections: readonly ReportSection[];
}

/** The sentence that every report carries. */
export const researchUseNotice =
  "Research use only: outputs are not medical advice and this software is not a medical device.";
