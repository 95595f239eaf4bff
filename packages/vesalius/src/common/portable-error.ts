import { type ErrorCode, type ErrorDetails, type OptionWording, VesaliusError } from "./errors.ts";

/** An option that a remedy names; the interface in use says how it is called. */
interface NamedOption {
  readonly option: string;
  readonly value?: string;
}

/** An error in a form that crosses threads and processes, where classes and functions are lost. */
export interface PortableError {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: string;
  /** What to do: a text, or the parts of one that names options. */
  readonly fix?: string | readonly (string | NamedOption)[];
}

/** Stands around the number of an option in a remedy while it is taken apart; no name of a file holds it. */
const mark = "\0";

/** The parts of a remedy that names options. */
function partsOf(remedy: (option: OptionWording) => string): readonly (string | NamedOption)[] {
  const named: NamedOption[] = [];
  const text = remedy((option, value) => {
    named.push({ option, ...(value === undefined ? {} : { value }) });
    return `${mark}${named.length - 1}${mark}`;
  });
  // Between two marks stands the number of an option, so every second part is one.
  return text.split(mark).map((part, i) => (i % 2 === 0 ? part : named[Number(part)]!));
}

const portableFix = (remedy: ErrorDetails["fix"]): PortableError["fix"] =>
  typeof remedy === "function" ? partsOf(remedy) : remedy;

const restoredFix = (fix: NonNullable<PortableError["fix"]>): NonNullable<ErrorDetails["fix"]> =>
  typeof fix === "string"
    ? fix
    : (option) => fix.map((part) => (typeof part === "string" ? part : option(part.option, part.value))).join("");

/** Takes an error apart for another thread or process; the options that its remedy names stay options. */
export function portableError({ code, what, where, remedy }: VesaliusError): PortableError {
  const fix = portableFix(remedy);
  return { code, what, ...(where === undefined ? {} : { where }), ...(fix === undefined ? {} : { fix }) };
}

/** Puts the error of another thread or process together again, so that each interface names options in its way. */
export const restoreError = ({ code, what, where, fix }: PortableError): VesaliusError =>
  new VesaliusError(code, what, {
    ...(where === undefined ? {} : { where }),
    ...(fix === undefined ? {} : { fix: restoredFix(fix) }),
  });
