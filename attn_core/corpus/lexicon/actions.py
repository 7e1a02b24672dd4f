"""English verbs beside the French ones: "english[ past participle] = [se] french[ preposition]"."""

from __future__ import annotations

from dataclasses import dataclass

from attn_core.corpus.lexicon.verbs import French, french

DOUBLING = (
    "stop",
    "plan",
    "chat",
    "travel",
    "get",
    "sit",
    "run",
    "swim",
    "put",
    "cut",
    "win",
    "begin",
    "forget",
    "rub",
)


@dataclass(frozen=True, slots=True)
class Verb:
    en: str
    third: str
    past: str
    participle: str
    ing: str
    fr: French
    reflexive: bool
    link: str  # the preposition before its object in French, if any


def verb(line: str) -> Verb:
    english, _, other = line.partition("=")
    en, _, forms = english.strip().partition(" / ")
    words = other.split()
    reflexive = words[0] == "se"
    infinitive, link = words[reflexive], " ".join(words[1 + reflexive :])
    head, _, tail = en.partition(" ")
    past, participle = forms.split() if forms else (regular_past(head),) * 2
    tail = f" {tail}" if tail else ""
    return Verb(
        en,
        third(head) + tail,
        past + tail,
        participle + tail,
        ing(head) + tail,
        french(infinitive),
        reflexive,
        link,
    )


def regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + base[-1] + "ed" if base in DOUBLING else base + "ed"


def third(base: str) -> str:
    if base == "have":
        return "has"
    if base.endswith(("s", "sh", "ch", "x", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def ing(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe")) and base != "be":
        return base[:-1] + "ing"
    return base + base[-1] + "ing" if base in DOUBLING else base + "ing"


LINES = """
buy / bought bought = acheter
find / found found = trouver
receive = recevoir
choose / chose chosen = choisir
order = commander
sell / sold sold = vendre
keep / kept kept = garder
repair = réparer
need = avoir besoin de
look for = chercher
inherit = hériter de
bring / brought brought = apporter
move = déplacer
borrow = emprunter
wear / wore worn = porter
lose / lost lost = perdre
rent = louer
paint = peindre
read / read read = lire
prepare = préparer
describe = décrire
publish = publier
translate = traduire
forget / forgot forgotten = oublier
test = essayer
use = utiliser
want = vouloir
visit = visiter
discover = découvrir
photograph = photographier
taste = goûter
eat / ate eaten = manger
share = partager
write / wrote written = écrire
finish = finir
study = étudier
feed / fed fed = nourrir
see / saw seen = voir
watch = observer
follow = suivre
draw / drew drawn = dessiner
stroke = caresser
hear / heard heard = entendre
adopt = adopter
meet / met met = rencontrer
thank = remercier
invite = inviter
help = aider
call = appeler
love = adorer
like = aimer
prefer / preferred preferred = préférer
hate = détester
know / knew known = connaître
recognize = reconnaître
understand / understood understood = comprendre
drink / drank drunk = boire
cook / cooked cooked = cuisiner
pick / picked picked = cueillir
open = ouvrir
close = fermer
clean = nettoyer
wash = laver
break / broke broken = casser
hide / hid hidden = cacher
throw away / threw thrown = jeter
build / built built = construire
show / showed shown = montrer
give / gave given = donner
offer = offrir
lend / lent lent = prêter
send / sent sent = envoyer
explain = expliquer
tell / told told = raconter
promise = promettre
accept = accepter
refuse = refuser
announce = annoncer
organize = organiser
cancel / cancelled cancelled = annuler
work = travailler
live = habiter
sleep / slept slept = dormir
sing / sang sung = chanter
dance = danser
play = jouer
run / ran run = courir
swim / swam swum = nager
laugh = rire
smile = sourire
cry = pleurer
wait = attendre
speak / spoke spoken = parler
talk about = parler de
listen = écouter
cough = tousser
travel / travelled travelled = voyager
go / went gone = aller
come / came come = venir
come back / came come = revenir
leave / left left = partir
go out / went gone = sortir
arrive = arriver
go home / went gone = rentrer
stay = rester
fall / fell fallen = tomber
return = retourner
go up / went gone = monter
go down / went gone = descendre
get up / got got = se lever
go to bed / went gone = se coucher
wake up / woke woken = se réveiller
fall asleep / fell fallen = se endormir
rest = se reposer
get dressed / got got = se habiller
go for a walk / went gone = se promener
hurry = se dépêcher
sit down / sat sat = se asseoir
have a wash / had had = se laver
get lost / got got = se perdre
get bored / got got = se ennuyer
have fun / had had = se amuser
make a mistake / made made = se tromper
learn / learned learned = apprendre
begin / began begun = commencer
stop = arrêter
try to = essayer
hope = espérer
want to = vouloir
think / thought thought = penser
believe = croire
say / said said = dire
win / won won = gagner
answer = répondre à
wait for = attendre
ask for = demander
climb = gravir
give back / gave given = rendre
cross = traverser
drive / drove driven = conduire
put / put put = mettre
take / took taken = prendre
cut / cut cut = couper
light / lit lit = allumer
switch off / switched switched = éteindre
fill = remplir
admire = admirer
criticize = critiquer
smell / smelled smelled = sentir
fear = craindre
surprise = surprendre
serve = servir
obey = obéir à
punish = punir
succeed = réussir
grow / grew grown = grandir
deserve = mériter
spend / spent spent = dépenser
save = économiser
weigh = peser
measure = mesurer
count = compter
sign = signer
correct = corriger
check = vérifier
improve = améliorer
protect = protéger
wrap = emballer
decorate = décorer
polish = cirer
"""
VERBS = {made.en: made for made in map(verb, LINES.strip().splitlines())}


def verbs(words: str) -> list[Verb]:
    """Those that a list of English verbs names, separated by commas."""
    return [VERBS[word.strip()] for word in words.split(",")]
