/** Two or three records of each dataset in the form in which it is published, made up. */
const json = (value: unknown): string => JSON.stringify(value);
const lines = (...records: readonly unknown[]): string => records.map((record) => `${json(record)}\n`).join("");

const alpaca = [
  { instruction: "What is asthma, in a few words?", input: "", output: "A disease that narrows the airways." },
  { instruction: "Name a sign of the disease below.", input: "Gout", output: "A painful joint, often a toe." },
];
const chinese = [
  { instruction: "哮喘有什么症状？", input: "", output: "喘息、咳嗽和胸闷。" },
  { instruction: "痛风应该怎么治疗？", input: "", output: "使用降低尿酸的药物。" },
];
const article = (pmid: number): string =>
  `<PubmedArticle><MedlineCitation><PMID>${pmid}</PMID><Article><ArticleTitle>On ${pmid}</ArticleTitle><Abstract><AbstractText>It was seen in ${pmid} of those who came to us.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>`;
const qa = (id: number): string =>
  `<Document id="${id}"><Focus>Asthma</Focus><QAPairs><QAPair pid="1"><Question qid="${id}-1" qtype="symptoms">What are the symptoms of it, usually?</Question><Answer>Wheezing and coughing.</Answer></QAPair></QAPairs></Document>`;

/** What a sample is made of, and the kinds of column that must come of it. */
export interface Sample {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly kinds: Readonly<Record<string, string>>;
  readonly length: number;
}

const dialogue = { dialogue: "dialogues" };

/** Samples by identifier of the dataset. */
export const samples: Readonly<Record<string, Sample>> = {
  pubmed: {
    files: { "pubmed24n0001.xml": `<PubmedArticleSet>${article(1)}${article(2)}</PubmedArticleSet>` },
    kinds: {},
    length: 2,
  },
  "medc-i": { files: { "train.json": json(alpaca) }, kinds: dialogue, length: 2 },
  guidelines: {
    files: {
      "train.jsonl": lines(
        {
          id: "a",
          source: "cco",
          title: null,
          clean_text: "Screen those at risk every year.",
          raw_text: "Screen",
          url: null,
        },
        {
          id: "b",
          source: "who",
          title: "On",
          clean_text: "Give fluids early, and often.",
          raw_text: "Give",
          url: null,
        },
      ),
    },
    kinds: { text: "texts" },
    length: 2,
  },
  "pmc-patients": {
    files: {
      "PMC-Patients.csv":
        "patient_id,patient_uid,PMID,file_path,title,patient,age,gender,relevant_articles,similar_patients\n" +
        '0,11-1,11,a/b.xml,A case,"A 60-year-old came with cough.","[[60.0, \'year\']]",M,{},{}\n' +
        '1,12-1,12,a/c.xml,Two cases,"A child came with fever.","[[4.0, \'year\']]",F,{},{}\n',
    },
    kinds: { text: "texts" },
    length: 2,
  },
  "mimic-iii": {
    files: {
      "NOTEEVENTS.csv":
        "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CATEGORY,TEXT\n" +
        '1,10,100,2101-01-01,Discharge summary,"The patient did well."\n2,11,101,2101-02-01,Nursing,"Slept all night."\n' +
        '3,10,102,2101-03-01,Nursing,"Walked in the hall."\n',
    },
    kinds: { text: "texts", label: "classes" },
    length: 3,
  },
  "medinstruct-52k": { files: { "MedInstruct-52k.json": json(alpaca) }, kinds: dialogue, length: 2 },
  "mash-qa": {
    files: {
      "train.json": json({
        data: [
          {
            title: "Asthma",
            paragraphs: [
              {
                context: "Asthma narrows the airways. Inhalers open them.",
                qas: [
                  {
                    id: "1",
                    question: "What helps?",
                    answers: [{ text: "Inhalers open them.", answer_start: 28 }],
                    is_impossible: false,
                  },
                ],
              },
            ],
          },
        ],
      }),
    },
    kinds: { question: "texts", context: "texts", answer: "spans" },
    length: 1,
  },
  medquad: { files: { "1_Cancer_QA/1.xml": qa(1), "2_GARD_QA/2.xml": qa(2) }, kinds: {}, length: 2 },
  clicr: {
    files: {
      "train1.0.json": json({
        data: [
          { source: "1", document: { title: "A case", context: "A man came with a cough that did not end.", qas: [] } },
          { source: "2", document: { title: "Rare", context: "A woman came with fever and a rash.", qas: [] } },
        ],
      }),
    },
    kinds: { text: "texts" },
    length: 2,
  },
  meddialog: {
    files: {
      "english-train.json": json([
        { description: "Is it a cold?", utterances: ["patient: I cough a lot.", "doctor: Since when do you?"] },
        { description: "Is it the flu?", utterances: ["patient: I have fever.", "doctor: Please rest."] },
      ]),
    },
    kinds: dialogue,
    length: 2,
  },
  medqa: {
    files: {
      "train.jsonl": lines(
        {
          question: "Which one is it?",
          answer: "Zinc",
          options: { A: "Iron", B: "Zinc" },
          meta_info: "step1",
          answer_idx: "B",
        },
        {
          question: "Which is next?",
          answer: "Iron",
          options: { A: "Iron", B: "Zinc" },
          meta_info: "step1",
          answer_idx: "A",
        },
      ),
    },
    kinds: { question: "texts", choices: "choices" },
    length: 2,
  },
  healthcaremagic: { files: { "HealthCareMagic-100k.json": json(alpaca) }, kinds: dialogue, length: 2 },
  icliniq: {
    files: {
      "iCliniq.json": json([
        {
          input: "I have a cough.",
          answer_icliniq: "Rest.",
          answer_chatgpt: "It may be.",
          answer_chatdoctor: "Drink.",
        },
        {
          input: "I have a fever.",
          answer_icliniq: "Drink.",
          answer_chatgpt: "It can be.",
          answer_chatdoctor: "Rest.",
        },
      ]),
    },
    kinds: { prompt: "texts", answer: "texts" },
    length: 2,
  },
  "various-medqa": { files: { "questions.json": json(alpaca) }, kinds: dialogue, length: 2 },
  "medical-meadow": { files: { "medical_meadow_wikidoc.json": json(alpaca) }, kinds: dialogue, length: 2 },
  multimedqa: {
    files: {
      "train.jsonl": lines(
        { id: "1", question: "Which one?", opa: "a", opb: "b", opc: "c", opd: "d", cop: 4, subject_name: "Anatomy" },
        { id: "2", question: "Which two?", opa: "a", opb: "b", opc: "c", opd: "d", cop: 1, subject_name: "Anatomy" },
      ),
    },
    kinds: { question: "texts", choices: "choices" },
    length: 2,
  },
  "bimed1-3m": {
    files: {
      "train.json": json([
        {
          conversations: [
            { from: "human", value: "Is it safe?" },
            { from: "gpt", value: "Ask a doctor." },
          ],
        },
        {
          conversations: [
            { from: "human", value: "Is it bad?" },
            { from: "gpt", value: "It can be." },
          ],
        },
      ]),
    },
    kinds: dialogue,
    length: 2,
  },
  "oncogpt-dialogues": { files: { "train.json": json(alpaca) }, kinds: dialogue, length: 2 },
  "imcs-21": {
    files: {
      "IMCS-V2_train.json": json({
        "1": {
          diagnosis: "咳嗽",
          dialogue: [
            { sentence_id: "1", speaker: "患者", sentence: "咳嗽三天了" },
            { sentence_id: "2", speaker: "医生", sentence: "发烧吗" },
          ],
        },
        "2": {
          diagnosis: "发热",
          dialogue: [
            { sentence_id: "1", speaker: "患者", sentence: "发烧了" },
            { sentence_id: "2", speaker: "医生", sentence: "多少度" },
          ],
        },
      }),
    },
    kinds: dialogue,
    length: 2,
  },
  "huatuo-26m": {
    files: {
      "train.jsonl": lines(
        { questions: ["哮喘有什么症状？"], answers: ["喘息和咳嗽。"] },
        { questions: ["痛风怎么治疗？"], answers: ["降低尿酸。"] },
      ),
    },
    kinds: { prompt: "texts", answer: "texts" },
    length: 2,
  },
  meddg: {
    files: {
      "train.json": json([
        {
          dialogue: [
            { speaker: "Patients", Sentence: "我肚子疼", Symptom: ["腹痛"] },
            { speaker: "Doctor", Sentence: "多久了", Symptom: [] },
          ],
        },
        {
          dialogue: [
            { speaker: "Patients", Sentence: "我恶心", Symptom: ["恶心"] },
            { speaker: "Doctor", Sentence: "吃药了吗", Symptom: [] },
          ],
        },
      ]),
    },
    kinds: dialogue,
    length: 2,
  },
  cmexam: {
    files: Object.fromEntries(
      ["train", "val"].map((split) => [
        `${split}.csv`,
        `Question,Options,Answer,Explanation\n"${split} 哪一个是对的？","A 铁\nB 锌\nC 锡",B,因为如此\n"${split} 哪一个不对？","A 铁\nB 锌\nC 锡",A,因为这样\n`,
      ]),
    ),
    kinds: { choices: "choices", explanation: "texts" },
    length: 2,
  },
  cmedqa2: {
    files: { "answer.csv": "ans_id,question_id,content\n1,10,多喝水注意休息。\n2,11,建议去医院检查。\n" },
    kinds: { text: "texts" },
    length: 2,
  },
  cmtmedqa: {
    files: {
      "train.json": json([
        { instruction: "还需要检查吗？", input: "", output: "需要。", history: [["我发烧了", "多少度？"]], id: 1 },
        { instruction: "吃什么药？", input: "", output: "退烧药。", history: [], id: 2 },
      ]),
    },
    kinds: dialogue,
    length: 2,
  },
  webmedqa: {
    files: {
      "train.tsv":
        "question_id\tlabel\tdepartment\tquestion\tanswer\n1\t1\t内科\t发烧怎么办？\t多喝水。\n1\t0\t内科\t发烧怎么办？\t去看牙科。\n",
    },
    kinds: { label: "classes" },
    length: 2,
  },
  chimed: { files: { "cpt.txt": "哮喘是一种气道疾病。\n痛风是一种关节病。\n" }, kinds: { text: "texts" }, length: 2 },
  cmd: {
    // Two records in GB 18030, which a text here is not.
    files: {
      "data.csv": Uint8Array.from(
        Buffer.from(
          "6465706172746d656e742c7469746c652c61736b2c616e737765720ac4dabfc62c612cb7a2c9d52c620acde2bfc62c632cb7a2c9d52c640a",
          "hex",
        ),
      ),
    },
    kinds: {},
    length: 2,
  },
  "cmekg-8k": { files: { "llama_data.jsonl": lines(...chinese) }, kinds: dialogue, length: 2 },
  "hybrid-sft": {
    files: {
      "train.jsonl": lines(
        { data: ["问：发烧怎么办？", "答：多喝水。"] },
        { data: ["问：咳嗽怎么办？", "答：休息。"] },
      ),
    },
    kinds: { data: "dialogues" },
    length: 2,
  },
  cgga: {
    files: {
      "clinical.tsv": "CGGA_ID\tGrade\tAge\tOS\nCGGA_1\tII\t41\t900\nCGGA_2\tIV\t60\t300\nCGGA_3\tII\t52\t800\n",
    },
    kinds: { covariates: "numbers" },
    length: 3,
  },
  "uk-biobank": {
    files: { "fields.csv": "eid,31-0.0,21022-0.0,50-0.0\n1,0,61,170\n2,1,55,180\n3,0,48,165\n" },
    kinds: { covariates: "numbers" },
    length: 3,
  },
  tcga: {
    files: {
      "clinical.tsv":
        "case_submitter_id\tage_at_index\tgender\nTCGA-1\t61\tmale\nTCGA-2\t55\tfemale\nTCGA-3\t48\tmale\n",
    },
    kinds: { covariates: "numbers" },
    length: 3,
  },
};
