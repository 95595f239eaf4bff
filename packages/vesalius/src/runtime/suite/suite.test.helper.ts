import type { Backend } from "../backend.ts";
import { type CaseRange, type CaseResult, runOperator } from "./operator-cases.test.helper.ts";
import { writeTexts } from "./texts.test.helper.ts";
import { type StepRecord, trainSmallVit } from "./vit-steps.test.helper.ts";

/** Backends that the suite compares with `node-cpu`, as they call themselves. */
export const suiteBackends = ["web-wasm", "web-webgpu", "node-webgpu", "node-cuda"] as const;
export type SuiteBackend = (typeof suiteBackends)[number];

/** What a backend says of itself. */
export interface OpenedBackend {
  readonly name: string;
  readonly version: string;
  /** Whether a page may use threads; undefined outside of pages. */
  readonly isolated?: boolean | undefined;
}

/** What runs on every backend. */
export interface Suite {
  /** Opens a backend, for all that follows. */
  open(backend: SuiteBackend): Promise<OpenedBackend>;
  /** Runs cases of an operator. */
  operator(name: string, gradient: boolean, range: CaseRange): Promise<CaseResult[]>;
  /** Trains a small vision transformer for some steps. */
  trainSmallVit(steps: number): Promise<StepRecord>;
  /** Texts of a small decoder. */
  writeTexts(): Promise<number[][]>;
}

/** A backend, and where it can leave operators to the processor, a second one that refuses to. */
export interface Opened {
  readonly strict: Backend;
  readonly lenient: Backend;
}

/** A suite that is open on a backend, in a page or a process of its own. */
export interface SuiteHost extends Omit<Suite, "open"> {
  readonly backend: OpenedBackend;
  /** Errors that the page or process told of by itself. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** @param openBackend makes the backend of that name */
export function suiteOn(openBackend: (name: SuiteBackend) => Promise<Opened>): Suite {
  let opened: Opened | undefined;
  const found = (): Opened => {
    if (opened === undefined) throw new Error("no backend was opened");
    return opened;
  };
  return {
    async open(name) {
      opened = await openBackend(name);
      const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
      const { name: own, version } = opened.lenient;
      return { name: own, version, isolated: crossOriginIsolated };
    },
    operator(name, gradient, range) {
      const { strict, lenient } = found();
      return runOperator(strict, name, gradient, range, strict === lenient ? undefined : lenient);
    },
    trainSmallVit: (steps) => trainSmallVit(found().lenient, steps),
    writeTexts: () => writeTexts(found().lenient),
  };
}
