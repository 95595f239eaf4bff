/** What answers rest on. */
export { type Influence, influenceOfEvents, type InfluenceOptions, type RecordInfluence } from "./leave-out.ts";
