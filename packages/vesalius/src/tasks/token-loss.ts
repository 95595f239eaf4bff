import {
  cast,
  crossEntropy,
  divide,
  emit,
  equal,
  gatherElements,
  greater,
  int,
  logSoftmax,
  maximum,
  multiply,
  reduceSum,
  reshape,
  topK,
  type Value,
} from "../graph/index.ts";
import { type Features, gatherPlaces, type Network } from "../models/index.ts";
import type { Loss } from "./task.ts";

/** Stands for a place whose token is not to be predicted. */
const unlabelled = -1;

/** Share of labelled places whose most probable token is the right one. */
export function tokenAccuracy(logits: Value, labels: Value): Value {
  const { graph } = logits;
  const predicted = cast(emit("ArgMax", [logits], { axis: int(-1), keepdims: int(0) }), "int32");
  const labelled = cast(greater(labels, graph.scalar(unlabelled, "int32")), "float32");
  const right = multiply(cast(equal(predicted, labels), "float32"), labelled);
  const sum = (x: Value): Value => reduceSum(x, undefined, { keepDimensions: false });
  return divide(sum(right), maximum(sum(labelled), graph.scalar(1)));
}

/** A head over the vocabulary with the features that it reads, of which an objective may choose some places. */
interface VocabularyHead {
  readonly features: Features;
  readonly logits: (features: Features) => Value;
}

/**
 * The head over the vocabulary for the tokens of a role, and the features that it reads; undefined for a network without
 * one. Where a role meets others, its tokens are predicted from what all of them show.
 */
export function vocabularyOf(network: Network, role: string): ((features: Features) => VocabularyHead) | undefined {
  const mode = { training: true };
  const [single, own] = [network.heads?.["vocabulary"], network.heads?.[`${role}.vocabulary`]];
  if (single !== undefined) return (features) => ({ features, logits: (places) => single(places, 0, mode)["logits"]! });
  if (own === undefined || network.roleFeatures === undefined) return undefined;
  return (all) => ({
    features: network.roleFeatures!(all, role),
    logits: (places) => own({ ...all, towers: { ...all.towers, [role]: places } }, 0, mode)["logits"]!,
  });
}

/**
 * The places of each row that are labelled, those first that come first.
 *
 * @param labels int32 `[rows, places]`, `unlabelled` where nothing is predicted
 * @param most places of a row that may be labelled
 * @returns their indices and labels, int32 `[rows, most]`
 */
export function labelledPlaces(labels: Value, most: number): { readonly indices: Value; readonly targets: Value } {
  const isLabelled = cast(greater(labels, labels.graph.scalar(unlabelled, "int32")), "float32");
  const indices = cast(topK(isLabelled, most, 1).indices, "int32");
  return { indices, targets: gatherElements(labels, indices, 1) };
}

/**
 * Cross-entropy of tokens, and the share of them whose most probable token is the right one.
 *
 * @param logits `[rows, places, vocabulary]`
 * @param targets int32 `[rows, places]`, `unlabelled` where nothing is predicted
 */
export function placesLoss(logits: Value, targets: Value): Loss {
  const count = targets.shape[0]! * targets.shape[1]!;
  const flat = reshape(logits, [count, logits.shape.at(-1)!]);
  const flatTargets = reshape(targets, [count]);
  return {
    loss: crossEntropy(flat, flatTargets, { ignoreIndex: unlabelled }),
    terms: { accuracy: tokenAccuracy(flat, flatTargets) },
    shown: { predicted: emit("ArgMax", [logits], { axis: int(-1), keepdims: int(0) }), targets },
  };
}

/**
 * Logits and labels of the labelled places, of no more than can be labelled in a row: with a large vocabulary most of the
 * work is in the head.
 *
 * @param labels int32 `[rows, places]`, `unlabelled` where nothing is predicted
 * @param most places of a row that may be labelled; all of them where it is left out
 */
export function labelledLogits(
  { features, logits: predict }: VocabularyHead,
  labels: Value,
  most?: number,
): { readonly logits: Value; readonly targets: Value } {
  const places = labels.shape[1]!;
  // A network whose places are several tokens each (a stem) predicts all of them at once.
  if (most === undefined || most >= places || features.places!.shape[1] !== places)
    return { logits: predict(features), targets: labels };
  const { indices, targets } = labelledPlaces(labels, most);
  return { logits: predict({ ...features, places: gatherPlaces(features.places!, indices) }), targets };
}

/**
 * Cross-entropy of the tokens at labelled places. Only as many places as can be labelled go through the head, which with
 * a large vocabulary is most of the work.
 *
 * @param labels int32 `[rows, places]`, `unlabelled` where nothing is predicted
 * @param most places of a row that may be labelled; all of them where it is left out
 */
export function tokenLoss(head: VocabularyHead, labels: Value, most?: number): Loss {
  const { logits, targets } = labelledLogits(head, labels, most);
  return placesLoss(logits, targets);
}

/**
 * What each row's labels are given by logits.
 *
 * @param logits `[rows, places, vocabulary]`
 * @param targets int32 `[rows, places]`, `unlabelled` where nothing is predicted
 * @returns float32 `[rows]` each: sums of the natural logarithms of the labels' probabilities, and the number of labels
 */
export function labelLogProbabilities(logits: Value, targets: Value): { readonly sums: Value; readonly tokens: Value } {
  const [rows, places] = targets.shape as [number, number];
  const { graph } = logits;
  const labelled = cast(greater(targets, graph.scalar(unlabelled, "int32")), "float32");
  const labels = reshape(maximum(targets, graph.scalar(0, "int32")), [rows, places, 1]);
  const each = reshape(gatherElements(logSoftmax(logits), labels, 2), [rows, places]);
  const sum = (x: Value): Value => reduceSum(x, [1], { keepDimensions: false });
  return { sums: sum(multiply(each, labelled)), tokens: sum(labelled) };
}
