/**
 * Medical terms with what they are called in plain English; written for this package. Terms are left out whose plain words
 * would stand in another place (oral, bilateral) or deny something (benign, asymptomatic).
 */
export const plainWords: Readonly<Record<string, string>> = Object.fromEntries(
  `abdomen=belly; abdominal=belly; abscess=pocket of pus; acute=sudden; adverse effect=side effect; aetiology=cause;
alopecia=hair loss; ambulate=walk; anaemia=low red blood cell count; anemia=low red blood cell count; analgesic=pain medicine;
anorexia=loss of appetite; antihypertensive=blood pressure medicine; antipyretic=fever medicine; arrhythmia=irregular heartbeat;
arthralgia=joint pain; ascites=fluid in the belly; aspiration=breathing in of food or fluid; atrophy=wasting; bradycardia=slow heartbeat; bronchodilator=medicine that opens the airways;
carcinoma=cancer; cardiac=heart; cardiac arrest=sudden stop of the heart; cephalalgia=headache; cerebral=brain;
cerebrovascular accident=stroke; cholelithiasis=gallstones; chronic=long-lasting; coagulation=clotting; contusion=bruise; coronary thrombosis=blood clot in an artery of the heart; cutaneous=skin;
cyanosis=blue skin; cystitis=bladder infection; deglutition=swallowing; dermal=skin; dermatitis=skin inflammation; diaphoresis=sweating;
discontinue=stop; diuretic=water pill; dysphagia=trouble swallowing; dyspnea=shortness of breath; dyspnoea=shortness of breath;
dysuria=painful urination; ecchymosis=bruise; edema=swelling; oedema=swelling; emesis=vomiting; encephalitis=inflammation of the brain;
epistaxis=nosebleed; erythema=redness; etiology=cause; exacerbate=worsen; exacerbation=flare-up;
febrile=feverish; fracture=break in a bone; gastric=stomach; gastroenteritis=stomach infection; gestation=pregnancy;
glossitis=swollen tongue; haematuria=blood in the urine; hematuria=blood in the urine; haemorrhage=bleeding; hemorrhage=bleeding;
hematoma=collection of blood; haematoma=collection of blood; hemoptysis=coughing up blood; hepatic=liver; hepatitis=inflammation of the liver;
hepatomegaly=enlarged liver; hyperglycemia=high blood sugar; hyperglycaemia=high blood sugar; hyperlipidemia=high blood fats;
hypertension=high blood pressure; hyperthermia=high body temperature; hypoglycemia=low blood sugar; hypoglycaemia=low blood sugar;
hypotension=low blood pressure; hypothermia=low body temperature; hypoxia=too little oxygen; icterus=yellow skin; immunization=vaccination; incision=cut; infarction=death of tissue; inflammation of the lungs=lung infection; ingest=swallow; inguinal=groin;
insomnia=trouble sleeping; ischemia=poor blood flow; ischaemia=poor blood flow; jaundice=yellow skin and eyes;
lacrimation=watery eyes; laceration=cut; lesion=damaged area; lethargy=tiredness; leukocyte=white blood cell; erythrocyte=red blood cell;
malaise=feeling unwell; malignant=cancerous; mastectomy=removal of a breast; metastasis=spread of the cancer; micturition=urination;
monitor=watch; mortality=death rate; myalgia=muscle pain; myocardial infarction=heart attack; nasal congestion=stuffy nose;
nausea=feeling sick; necrosis=death of tissue; neonate=newborn baby; neoplasm=tumor; nephrolithiasis=kidney stones;
neuropathy=nerve damage; nocturia=urination at night; ocular=eye; onset=start; ophthalmic=eye; orally=by mouth; otalgia=earache; otitis media=middle ear infection; pallor=paleness; palpitation=pounding heartbeat;
paresthesia=tingling; pathogen=germ; pertussis=whooping cough; pharyngitis=sore throat;
photophobia=sensitivity to light; phlebitis=inflammation of a vein; physician=doctor; platelet=clotting cell; pneumonia=lung infection;
polydipsia=strong thirst; polyuria=passing a lot of urine; prognosis=outlook;
prophylaxis=prevention; pruritus=itching; pulmonary=lung; pulmonary embolism=blood clot in the lung; pyrexia=fever; renal=kidney;
renal calculi=kidney stones; resection=removal; respiration=breathing; respiratory=breathing; rhinitis=inflamed nose; rhinorrhea=runny nose;
rhinorrhoea=runny nose; rubella=German measles; seizure=fit; sepsis=blood poisoning; somnolence=sleepiness; sputum=phlegm;
suture=stitch; syncope=fainting; tachycardia=fast heartbeat; tachypnea=fast breathing; terminate=end; therapeutic=healing; therapy=treatment; thorax=chest;
thrombosis=blood clot; thrombus=blood clot; tinnitus=ringing in the ears; trauma=injury; tremor=shaking;
urticaria=hives; uterus=womb; utilize=use; varicella=chickenpox; vascular=blood vessel; vertigo=spinning dizziness;
visual acuity=sharpness of sight; void=pass urine; xerostomia=dry mouth; administer=give; approximately=about; additional=more;
commence=start; demonstrate=show; facilitate=help; frequently=often; individuals=people; initiate=start; numerous=many;
obtain=get; prior to=before; subsequently=later; sufficient=enough; in order to=to; due to the fact that=because; in the event of=if there is`
    .split(/;\s*/)
    .map((line) => line.split("=") as [string, string]),
);
