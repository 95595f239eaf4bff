/** A sign of an emergency: what points to it in a question, and what to do. */
interface EmergencySign {
  readonly name: string;
  /** English and Chinese. */
  readonly patterns: readonly RegExp[];
  readonly notice: string;
}

const call = "call the emergency number of your country now (112, 911, 999, 120)";

/**
 * Signs at which guidelines for the public say to call for help at once: warning signs of heart attack and stroke (American
 * Heart Association), of anaphylaxis, poisoning, severe bleeding, breathing trouble and seizures (MedlinePlus, Recognizing
 * medical emergencies), and thoughts of suicide (World Health Organization). They are meant to be too many rather than too few.
 */
const signs: readonly EmergencySign[] = [
  {
    name: "heart attack",
    patterns: [
      /\bheart attack\b.*\b(now|having|think|feel)|\b(having|have|has|think)\b.*\bheart attack\b/,
      /\b(crushing|squeezing|severe|sudden|strong|bad|tight\w*)\b[^.?!]{0,30}\bchest\b|\bchest (pain|pressure|tightness)\b/,
      /胸痛|胸口(剧)?痛|心梗/,
    ],
    notice: `Pain or pressure in the chest can be a heart attack: ${call}.`,
  },
  {
    name: "stroke",
    patterns: [
      /\b(face|mouth)\b[^.?!]{0,20}\bdroop\w*|\bslurred speech\b|\b(can ?not|can't|cannot) (speak|talk|move)\b/,
      /\bsudden(ly)?\b[^.?!]{0,30}\b(numb\w*|weak\w*|paraly\w*|blind\w*|confus\w*|vision)\b/,
      /口(角)?歪|言语不清|突然[^。？！]{0,8}(麻木|无力|失明)/,
    ],
    notice: `A drooping face, a weak arm or slurred speech that begin suddenly can be a stroke: ${call}.`,
  },
  {
    name: "breathing",
    patterns: [
      /\b(can ?not|can't|cannot|unable to|hard to|trouble|difficulty|struggling to) breath\w*|\bchok(e|ing)\b|\blips?\b[^.?!]{0,12}\bblue\b/,
      /呼吸困难|喘不(上|过)气|窒息/,
    ],
    notice: `Trouble with breathing is an emergency: ${call}.`,
  },
  {
    name: "suicide",
    patterns: [
      /\b(kill|hurt|harm)(ing)? (myself|himself|herself|themsel\w+)\b|\bsuicid\w*|\bend my life\b|\bwant(s)? to die\b/,
      /自杀|不想活|轻生|结束生命/,
    ],
    notice:
      "You are not alone, and help is there: call the emergency number of your country or a crisis line (in the United States 988), or stay with somebody until help comes.",
  },
  {
    name: "poisoning",
    patterns: [
      /\boverdos\w*|\b(swallowed|drank|ate)\b[^.?!]{0,40}\b(bleach|poison|batter\w+|pills|detergent|antifreeze)\b|\btook too many\b/,
      /服(药|用)过量|误(服|食|喝)|中毒/,
    ],
    notice: `For a poisoning or an overdose ${call}, or the poison control centre (in the United States 1-800-222-1222).`,
  },
  {
    name: "anaphylaxis",
    patterns: [/\banaphyla\w*|\b(throat|tongue|face)\b[^.?!]{0,20}\bswell\w*|过敏性休克|喉(头)?水肿/],
    notice: `Swelling of face, tongue or throat after a sting, food or drug can be a severe allergic reaction: ${call}.`,
  },
  {
    name: "bleeding",
    patterns: [
      /\b(won't|will not|doesn't|does not|can't|cannot) stop bleeding\b|\b(severe|heavy|massive)\b[^.?!]{0,15}\bbleed\w*|\b(vomit\w*|cough\w*|throwing) up blood\b|\bvomiting blood\b/,
      /大出血|止不住血|呕血|咯血/,
    ],
    notice: `For bleeding that does not stop press on it, and ${call}.`,
  },
  {
    name: "unconscious",
    patterns: [
      /\b(unconscious|unresponsive|passed out|collapsed|not waking|won't wake|will not wake)\b|\bseizure\b[^.?!]{0,30}\b(now|minutes|first|stop)/,
      /昏迷|叫不醒|失去(意识|知觉)|抽搐不止/,
    ],
    notice: `For somebody who does not wake or has a seizure that does not stop, ${call}.`,
  },
];

/** An emergency that a question points to. */
export interface EmergencyNotice {
  readonly sign: string;
  readonly notice: string;
}

/**
 * Emergencies that a question points to. General questions ("What causes a heart attack?") are told apart from those about
 * somebody now by their form, at the price of a notice too many.
 */
export function emergenciesIn(question: string): EmergencyNotice[] {
  const text = question.normalize("NFKC").toLowerCase().replaceAll("’", "'");
  const general =
    /^(what|which|who|how many|how common)\b[^.?!]*\?*\s*$/.test(text) &&
    !/\b(i|my|me|he|she|we|our|his|her|now)\b/.test(text);
  if (general) return [];
  return signs.flatMap(({ name, patterns, notice }) =>
    patterns.some((pattern) => pattern.test(text)) ? [{ sign: name, notice }] : [],
  );
}
