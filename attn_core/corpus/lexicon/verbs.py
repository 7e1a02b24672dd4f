"""Verbs with their tables. Regular French verbs follow checked rules; every irregular one is written out.

French: infinitive, then for irregular ones "six forms of the present | stem of the imperfect | stem of the
future | past participle". English: the four forms, when they are not regular.
"""

from __future__ import annotations

from dataclasses import dataclass

PRESENT_ER = ("e", "es", "e", "ons", "ez", "ent")
PRESENT_IR = ("is", "is", "it", "issons", "issez", "issent")
IMPERFECT = ("ais", "ais", "ait", "ions", "iez", "aient")
FUTURE = ("ai", "as", "a", "ons", "ez", "ont")
ETRE = [
    "aller",
    "venir",
    "revenir",
    "devenir",
    "partir",
    "repartir",
    "sortir",
    "arriver",
    "entrer",
    "rentrer",
    "monter",
    "descendre",
    "tomber",
    "naître",
    "mourir",
    "rester",
    "retourner",
]

IRREGULAR = """
être: suis es est sommes êtes sont | ét | ser | été
avoir: ai as a avons avez ont | av | aur | eu
aller: vais vas va allons allez vont | all | ir | allé
envoyer: envoie envoies envoie envoyons envoyez envoient | envoy | enverr | envoyé
faire: fais fais fait faisons faites font | fais | fer | fait
venir: viens viens vient venons venez viennent | ven | viendr | venu
revenir: reviens reviens revient revenons revenez reviennent | reven | reviendr | revenu
devenir: deviens deviens devient devenons devenez deviennent | deven | deviendr | devenu
tenir: tiens tiens tient tenons tenez tiennent | ten | tiendr | tenu
appartenir: appartiens appartiens appartient appartenons appartenez appartiennent | apparten | appartiendr | appartenu
obtenir: obtiens obtiens obtient obtenons obtenez obtiennent | obten | obtiendr | obtenu
pouvoir: peux peux peut pouvons pouvez peuvent | pouv | pourr | pu
vouloir: veux veux veut voulons voulez veulent | voul | voudr | voulu
devoir: dois dois doit devons devez doivent | dev | devr | dû
savoir: sais sais sait savons savez savent | sav | saur | su
voir: vois vois voit voyons voyez voient | voy | verr | vu
recevoir: reçois reçois reçoit recevons recevez reçoivent | recev | recevr | reçu
croire: crois crois croit croyons croyez croient | croy | croir | cru
boire: bois bois boit buvons buvez boivent | buv | boir | bu
lire: lis lis lit lisons lisez lisent | lis | lir | lu
dire: dis dis dit disons dites disent | dis | dir | dit
écrire: écris écris écrit écrivons écrivez écrivent | écriv | écrir | écrit
décrire: décris décris décrit décrivons décrivez décrivent | décriv | décrir | décrit
traduire: traduis traduis traduit traduisons traduisez traduisent | traduis | traduir | traduit
conduire: conduis conduis conduit conduisons conduisez conduisent | conduis | conduir | conduit
construire: construis construis construit construisons construisez construisent | construis | construir | construit
prendre: prends prends prend prenons prenez prennent | pren | prendr | pris
apprendre: apprends apprends apprend apprenons apprenez apprennent | appren | apprendr | appris
comprendre: comprends comprends comprend comprenons comprenez comprennent | compren | comprendr | compris
surprendre: surprends surprends surprend surprenons surprenez surprennent | surpren | surprendr | surpris
mettre: mets mets met mettons mettez mettent | mett | mettr | mis
promettre: promets promets promet promettons promettez promettent | promett | promettr | promis
permettre: permets permets permet permettons permettez permettent | permett | permettr | permis
connaître: connais connais connaît connaissons connaissez connaissent | connaiss | connaîtr | connu
reconnaître: reconnais reconnais reconnaît reconnaissons reconnaissez reconnaissent | reconnaiss | reconnaîtr | reconnu
partir: pars pars part partons partez partent | part | partir | parti
sortir: sors sors sort sortons sortez sortent | sort | sortir | sorti
dormir: dors dors dort dormons dormez dorment | dorm | dormir | dormi
endormir: endors endors endort endormons endormez endorment | endorm | endormir | endormi
servir: sers sers sert servons servez servent | serv | servir | servi
sentir: sens sens sent sentons sentez sentent | sent | sentir | senti
courir: cours cours court courons courez courent | cour | courr | couru
ouvrir: ouvre ouvres ouvre ouvrons ouvrez ouvrent | ouvr | ouvrir | ouvert
découvrir: découvre découvres découvre découvrons découvrez découvrent | découvr | découvrir | découvert
offrir: offre offres offre offrons offrez offrent | offr | offrir | offert
cueillir: cueille cueilles cueille cueillons cueillez cueillent | cueill | cueiller | cueilli
vivre: vis vis vit vivons vivez vivent | viv | vivr | vécu
suivre: suis suis suit suivons suivez suivent | suiv | suivr | suivi
rire: ris ris rit rions riez rient | ri | rir | ri
sourire: souris souris sourit sourions souriez sourient | souri | sourir | souri
naître: nais nais naît naissons naissez naissent | naiss | naîtr | né
mourir: meurs meurs meurt mourons mourez meurent | mour | mourr | mort
peindre: peins peins peint peignons peignez peignent | peign | peindr | peint
craindre: crains crains craint craignons craignez craignent | craign | craindr | craint
éteindre: éteins éteins éteint éteignons éteignez éteignent | éteign | éteindr | éteint
asseoir: assieds assieds assied asseyons asseyez asseyent | assey | assiér | assis
"""


@dataclass(frozen=True, slots=True)
class French:
    infinitive: str
    present: tuple[str, ...]
    imperfect: tuple[str, ...]
    future: tuple[str, ...]
    conditional: tuple[str, ...]
    participle: str
    etre: bool  # its compound tenses take être

    @property
    def gerund(self) -> str:
        special = {"être": "étant", "avoir": "ayant", "savoir": "sachant"}
        return special.get(self.infinitive) or self.present[3].removesuffix("ons") + "ant"


def table(infinitive: str, present: list[str], imperfect: str, future: str, past: str) -> French:
    return French(
        infinitive,
        tuple(present),
        tuple(imperfected(imperfect, ending) for ending in IMPERFECT),
        tuple(future + ending for ending in FUTURE),
        tuple(future + ending for ending in IMPERFECT),
        past,
        infinitive in ETRE,
    )


def imperfected(stem: str, ending: str) -> str:
    """Before i, the spellings that keep c and g soft are not needed: nous mangions, nous lancions."""
    if ending[0] == "i":
        stem = stem[:-1] if stem.endswith("ge") else stem
        stem = stem[:-1] + "c" if stem.endswith("ç") else stem
    return stem + ending


def irregular() -> dict[str, French]:
    found = {}
    for line in IRREGULAR.strip().splitlines():
        infinitive, rest = line.split(": ")
        present, imperfect, future, past = (part.strip() for part in rest.split("|"))
        found[infinitive] = table(infinitive, present.split(), imperfect, future, past)
    return found


def silent(stem: str, infinitive: str) -> str:
    """The stem before a silent ending: j'achète, j'appelle, je préfère, je nettoie."""
    if infinitive in (
        "acheter",
        "amener",
        "emmener",
        "peser",
        "lever",
        "mener",
        "geler",
        "promener",
        "enlever",
    ):
        return stem[:-2] + "è" + stem[-1]
    if infinitive in ("appeler", "jeter", "rappeler"):
        return stem + stem[-1]
    if stem.endswith(("oy", "uy", "ay")):
        return stem[:-1] + "i"
    if len(stem) > 2 and stem[-2] == "é":
        return stem[:-2] + "è" + stem[-1]
    return stem


def regular(infinitive: str) -> French:
    stem = infinitive[:-2]
    if infinitive.endswith("ir"):
        return table(
            infinitive, [stem + e for e in PRESENT_IR], stem + "iss", infinitive, stem + "i"
        )
    if infinitive.endswith("dre"):
        stem = infinitive[:-2]
        present = [stem + ending for ending in ("s", "s", "", "ons", "ez", "ent")]
        return table(infinitive, present, stem, infinitive[:-1], stem + "u")
    quiet = silent(stem, infinitive)
    before_o = {"g": stem + "e", "c": stem[:-1] + "ç"}.get(stem[-1], stem)
    present = [
        quiet + "e",
        quiet + "es",
        quiet + "e",
        before_o + "ons",
        stem + "ez",
        quiet + "ent",
    ]
    acute = (
        len(stem) > 2 and stem[-2] == "é"
    )  # nous préférerons keeps its accent in the traditional spelling
    future = (stem if acute else quiet) + "er"
    return table(infinitive, present, before_o, future, stem + "é")


KNOWN = irregular()


def french(infinitive: str) -> French:
    if infinitive not in KNOWN:
        KNOWN[infinitive] = regular(infinitive)
    return KNOWN[infinitive]
