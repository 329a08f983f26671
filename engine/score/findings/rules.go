package findings

// rules are the labels but NoFinding, with the phrases that mention them.
// "xxxx" hides words that the data set's anonymisation took for names
// ("costophrenic xxxx" was an angle, "xxxx fracture" a compression fracture).
var rules = []rule{
	{EnlargedCardiomediastinum, phrases(
		"cardiomediastin*|mediastin* ... enlarged|widened|widening|enlargement|prominent|prominence",
		"enlarged|widened|prominent cardiomediastin*|mediastin*",
		"enlargement|widening|prominence|fullness of|in the ... cardiomediastin*|mediastin*",
	), phrases("mediastin* lymph|adenopathy", "mediastin* and hilar lymph|adenopathy", "enlargement of the cardiac ... mediastin*")},

	{Cardiomegaly, phrases(
		"cardiomegaly",
		"cardiac|heart|cardio enlargement",
		"enlarged|large heart|cardiac",
		"heart|cardiac ... enlarged|large|larger",
		"enlargement of|in the ... heart|cardiac",
		"increase* in ... heart|cardiac",
		"atrial|ventricular enlargement",
	), phrases("heart ... aorta", "heart ... large pleural|effusion|opacity|hiatal")},

	{LungLesion, phrases(
		"nodule|nodules|nodulemass|*nodular",
		"mass|masses|masslike|mass-like",
		"lesion|lesions",
		"neoplas*|carcinoma|tumor|metasta*|malignan*|cavitary|cavitation",
	), phrases(
		"thyroid|breast|bony|bone|osseous|skeletal|lytic|blastic|sclerotic ... mass|masses|lesion|lesions",
		"sclerotic|lytic|blastic lesion|lesions", "lesion|lesions ... bone|bones|xxxx",
		"calcified|calcific|granulomatous|dense ... nodule|nodules|nodular", // granulomas
	)},

	{LungOpacity, phrases(
		"opacit*|opacif*|infiltrat*",
		"airspace disease*|process|consolidat*", "air space disease*|process", "air-space disease*|process",
		"interstitial markings|prominence|disease|change|changes|pattern|thickening|lung",
		"coarse|coarsened|increased|prominent|accentuated|irregular ... markings",
		"reticul*", "peribronchial|bronchial thickening|cuffing",
		"scar|scars|scarring*", "fibrosis|fibrotic|*fibrotic",
		"density|densities",
	), phrases(
		"bony|bone|osseous|soft|metallic|surgical|calcific|calcified ... density|densities|opacity|opacities",
		"bone|mineral density", "density|densities ... stent|stents|artifact*|clips",
		"pleural scarring", // PleuralOther
	)},

	{Edema, phrases(
		"edema", "vascular|pulmonary|central congestion", "congestion|congestive",
		"heart|cardiac failure", "chf|cephalization", "volume|fluid overload",
		"vascular engorgement|prominence|redistribution", "*vascularity|vasculature ... increased|engorged|prominent|indistinct",
		"engorged|indistinct|prominent ... vasculature|vascularity|vascular|vessels", "pulmonary xxxx ... engorged", "kerley",
	), phrases("subpleural|subcutaneous|tissue edema")},

	{Consolidation, phrases("consolidat*"), nil},

	{Pneumonia, phrases("*pneumonia|pneumonias|pneumonitis|bronchopneumonia", "infection|infections|infectious|infected"), phrases(
		"granulomatous|histoplasmosis|old|remote infection", "granulomatous infectious",
	)},

	{Atelectasis, phrases("*atelecta*", "collapse|collapsed", "volume loss"), phrases("vertebral|body|endplate collapse|collapsed")},

	{Pneumothorax, phrases("*pneumothora*"), nil},

	{PleuralEffusion, phrases(
		"*effusion*", "pleural fluid|collection", "*hydrothorax|hemothorax",
		"costophrenic ... blunt*", "blunt* ... costophrenic|sulc*|cp",
		"hydropneumothorax|hemopneumothorax",
	), phrases("pericardial|joint effusion*", "evaluation for an effusion")},

	{PleuralOther, phrases(
		"pleural|fissural|pleura|fissure thickening*|thickened|scar*|plaque*|calcification*|reaction|disease|abnormalit*",
		"thickening|thickened|calcification of|in the ... pleura|fissure|fissures|pleural",
		"pleural-parenchymal|pleuroparenchymal|pleural parenchymal", "fibrothorax|mesothelioma",
	), nil},

	{Fracture, phrases(
		"fracture*|*-fracture", "compression|wedge|wedging|xxxx ... deformity|deformities of|in|vertebra*|thoracic|spine", "wedge|compression|rib deformity|deformities",
		"anterior|vertebral wedging",
	), phrases("fracture* of ... sternotomy", "evaluation of|for fracture*")},

	{SupportDevices, phrases(
		"*catheter|*catheters|picc|pic|mediport|portacath|port-a-cath|xxxx-a-xxxx|port",
		"line|lines", "tube|tubes|tubing|tracheostomy|cannula|drain",
		"pacemaker|pacer|pacing|aicd|icd|*defibrillator|generator|lead|leads|electrode|electrodes|stimulator",
		"stent|stents|clip|clips|coil|coils|staple|staples|sutures|suture|markers",
		"sternotomy|cabg|cerclage", "valve replacement|prosthe*", "prosthetic|artificial ... valve", "prosthesis|prostheses|arthroplasty",
		"hardware|fixation|rod|rods|screw|screws|plate|plates|anchor|anchors", "spinal|cervical|lumbar|thoracic fusion",
		"device|devices|implant|implants", "filter", "telemetry",
	), phrases("pleural|fissure|b|mid|soft line|lines", "azygos|kerley line|lines", "lead|leads to", "lung lines")},
}

// The cues that stand before what they negate, and what only looks like one.
var (
	cuesBefore = phrases(
		"no|not|without|neither|nor|never",
		"negative|clear|free for|of",
		"absence|absent|lack of", "absent",
		"resolution|clearing|removal of", "resolved",
		"rather than",
	)
	noCuesBefore = phrases(
		"no|not|without ... change|changed|changes in|of|from|since|to",
		"no|without ... increase|decrease|improvement|worsening", "no change*", "not ... changed", "not only", "no longer",
		"not exclude",
	)
)

// The cues that stand behind what they negate, and what only looks like one.
var (
	cuesBehind = phrases(
		"not|never ... seen|identified|visualized|present|evident|demonstrated|appreciated|noted|enlarged|detected|found|apparent",
		"no longer", "has|have|had|is|are|since|completely|nearly resolved|cleared|gone", "resolved|absent|unlikely",
		"been|was|were removed|excluded", "ruled out", "within normal|limits",
	)
	noCuesBehind = phrases("not well|entirely|previously", "not ... be excluded|ruled")
)

// terminators end the scope of a cue.
var terminators = phrases(
	"but|however|although|though|except|aside|apart|besides|yet",
	"with|which|there", "other than", "secondary to",
	"mild|mildly|stable|unchanged|persistent|again",
)
