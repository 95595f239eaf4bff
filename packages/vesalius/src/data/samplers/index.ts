import { catalogue } from "../../common/catalogue.ts";
import { onePass } from "./one-pass.ts";
import { inOrder, shuffled } from "./shuffled.ts";
import { weighted } from "./weighted.ts";

/** Every way to order examples, by name. */
export const samplers = catalogue("sampler", [shuffled, inOrder, weighted, onePass]);
