import { missingDependency } from "../../common/missing-dependency.ts";

/** Characters of a text that are looked at. */
const LOOKED = 2000;
/** Characters below which trigrams say nothing; a script of one language says it earlier. */
const FEWEST = 20;

/** The language of a text as an ISO 639-3 code (`eng`, `cmn`); undefined where it is too short or none fits. */
export type LanguageDetector = (text: string) => string | undefined;

/**
 * Loads what finds the language of texts: franc, an optional peer dependency.
 *
 * @throws VesaliusError `missing-dependency`
 */
export async function languageDetector(): Promise<LanguageDetector> {
  try {
    const { franc } = await import("franc");
    return (text) => {
      const looked = text.slice(0, LOOKED);
      const ideographs = looked.match(/\p{Script=Han}/gu)?.length ?? 0;
      const code = franc(looked, { minLength: ideographs > 2 ? 3 : FEWEST });
      return code === "und" ? undefined : code;
    };
  } catch (error) {
    throw missingDependency("franc", "The language of texts is found by the package franc", error);
  }
}
