import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { byteToken } from "../bytes.ts";
import { alphabetOf } from "../training/alphabet.ts";
import { countPieces, Pace } from "../training/count-pieces.ts";
import { learnMerges } from "../training/learn-merges.ts";
import { trainUnigram } from "../training/unigram/train-unigram.ts";
import { isValidPiece } from "../training/valid-piece.ts";
import {
  META_SPACE,
  type SentencePiece,
  SENTENCE_PIECE_SPECIAL,
  sentencePieceFile,
  sentencePieceParts,
  sentencePieceSettings,
} from "./sentence-piece.ts";
import { countSettings, type TokenizerTrainer } from "./trainer.ts";

const common = {
  vocabularySize: countSettings.vocabularySize.default(8000),
  ...sentencePieceSettings,
  /** Share of the corpus that the vocabulary's characters cover; rarer ones are unknown or bytes. */
  characterCoverage: z.number().min(0.9).max(1).default(0.9995),
  /** Whether unknown characters become the tokens of their bytes, of which there are 256. */
  byteFallback: z.boolean().default(false),
};

/** Special pieces and bytes, which a vocabulary begins with. */
const firstPieces = (byteFallback: boolean): SentencePiece[] => [
  ...Object.values(SENTENCE_PIECE_SPECIAL).map((piece): SentencePiece => ({
    piece,
    score: 0,
    type: piece === SENTENCE_PIECE_SPECIAL.unknown ? "unknown" : "control",
  })),
  ...Array.from({ length: byteFallback ? 256 : 0 }, (_, byte): SentencePiece => ({
    piece: byteToken(byte),
    score: 0,
    type: "byte",
  })),
];

/** The most likely segmentation into pieces that explain a corpus best. */
export const unigram = entry({
  name: "unigram",
  summary: "likely pieces of words, as T5 and XLNet read text",
  paper: "Unigram language model, Kudo 2018; SentencePiece, Kudo and Richardson 2018",
  settings: z.strictObject({
    ...common,
    /** Most characters of a piece. */
    maximumPieceLength: z.int().min(1).max(64).default(16),
    /** Share of the pieces that a round of pruning leaves. */
    shrinkingFactor: z.number().min(0.1).max(0.95).default(0.75),
    /** Pieces to begin with. */
    seedSize: z.int().min(1000).max(2_000_000).default(1_000_000),
    /** Steps of expectation maximisation before each pruning. */
    iterations: z.int().min(1).max(16).default(2),
  }),
  create: ({ vocabularySize, characterCoverage, byteFallback, ...settings }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const { maximumPieceLength, shrinkingFactor, seedSize, iterations, ...text } = settings;
      const pace = new Pace(options);
      const words = await countPieces(texts, sentencePieceParts(text), pace);
      const first = firstPieces(byteFallback);
      const training = {
        pieces: vocabularySize - first.length,
        alphabet: alphabetOf(words, { coverage: characterCoverage }),
        longest: maximumPieceLength,
        size: seedSize,
        space: META_SPACE,
        shrinking: shrinkingFactor,
        iterations,
      };
      const learned = await trainUnigram(words, training, pace);
      const pieces = learned.map(({ piece, score }): SentencePiece => ({ piece, score, type: "normal" }));
      return sentencePieceFile("unigram", [...first, ...pieces], text);
    },
  }),
});

/** Joined characters of SentencePiece. */
export const sentencePieceBpe = entry({
  name: "sentencePieceBpe",
  summary: "joined characters with spaces among them, as LLaMA reads text",
  paper: "SentencePiece, Kudo and Richardson 2018",
  settings: z.strictObject({ ...common, minimumFrequency: countSettings.minimumFrequency.default(2) }),
  create: ({ vocabularySize, minimumFrequency, characterCoverage, byteFallback, ...text }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const pace = new Pace(options);
      const words = await countPieces(texts, sentencePieceParts(text), pace);
      const first = firstPieces(byteFallback);
      const alphabet = alphabetOf(words, { coverage: characterCoverage });
      const { tokens } = await learnMerges(
        words,
        {
          special: [],
          vocabularySize: vocabularySize - first.length,
          minimumFrequency,
          coverage: characterCoverage,
          ties: "shortest",
          isToken: (token) => isValidPiece(Array.from(token), META_SPACE),
        },
        pace,
      );
      // Joined pieces by rank, then single characters by frequency: the order of SentencePiece's own models.
      const learned = [...tokens.slice(alphabet.length), ...alphabet];
      const pieces = learned.map((piece, at): SentencePiece => ({ piece, score: -at, type: "normal" }));
      return sentencePieceFile("bpe", [...first, ...pieces], text);
    },
  }),
});
