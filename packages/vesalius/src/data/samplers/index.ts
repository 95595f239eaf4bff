import { catalogue } from "../../common/catalogue.ts";
import { grouped } from "./grouped.ts";
import { onePass } from "./one-pass.ts";
import { sharded } from "./sharded.ts";
import { inOrder, shuffled } from "./shuffled.ts";
import { weighted } from "./weighted.ts";

/** Every way to order examples, by name. */
export const samplers = catalogue("sampler", [shuffled, inOrder, sharded, weighted, grouped, onePass]);
