"""Animals, plants, places, food by the spoon, events and ideas: what the sentences in between are about."""

from __future__ import annotations

from dataclasses import dataclass

from attn_core.corpus.grammar.french import the as the_fr
from attn_core.corpus.grammar.french import to
from attn_core.corpus.lexicon.words import Noun, entries, noun, nouns

ANIMALS = nouns(
    """dog:chien, cat:chat, horse:cheval, rabbit:lapin, bird:oiseau, donkey:âne, pig:cochon, duck:canard,
    sheep/sheep:mouton, parrot:perroquet, fox:renard, monkey:singe, squirrel:écureuil, hedgehog:hérisson,
    hamster:hamster, pigeon:pigeon, swan:cygne, calf/calves:veau, kitten:chaton, puppy/puppies:chiot,
    peacock:paon, pony:poney, rooster:coq, lamb:agneau, turkey:dindon""",
    """cow:vache, hen:poule, goat:chèvre, mouse/mice:souris, tortoise:tortue, mare:jument, goose/geese:oie,
    frog:grenouille, owl:chouette, swallow:hirondelle, ladybird:coccinelle, bee:abeille, spider:araignée,
    ewe:brebis, seagull:mouette, dove:colombe""",
)
NATURE = nouns(
    """tree:arbre, oak:chêne, cloud:nuage, bush:buisson, lake:lac, fir tree:sapin, path:chemin, rock:rocher,
    sunflower:tournesol, cherry tree:cerisier, stream:ruisseau""",
    """flower:fleur, rose:rose, star:étoile, leaf/leaves:feuille, stone:pierre, river:rivière, hill:colline,
    mountain:montagne, valley:vallée, waterfall:cascade, tulip:tulipe, daisy:marguerite, cliff:falaise""",
)
FRUIT = nouns(
    """lemon:citron, onion:oignon, mushroom:champignon, apricot:abricot, leek:poireau, egg:œuf, bean:haricot,
    radish:radis, cucumber:concombre, cabbage:chou/choux, grapefruit/grapefruits:pamplemousse""",
    """apple:pomme, pear:poire, cherry:cerise, carrot:carotte, peach:pêche, strawberry:fraise, plum:prune,
    potato/potatoes:pomme de terre, tomato/tomatoes:tomate, orange:orange, banana:banane, lettuce:laitue,
    fig:figue, raspberry:framboise""",
)
FOOD = nouns(
    """bread:pain, cheese:fromage, fish:poisson, rice:riz, butter:beurre, honey:miel, chocolate:chocolat,
    ham:jambon, pork:porc""",
    "meat:viande, jam:confiture, cream:crème",
)
DRINKS = nouns(
    "milk:lait, coffee:café, tea:thé, wine:vin, orange juice:jus d'orange, cider:cidre, apple juice:jus de pomme",
    "water:eau, beer:bière, lemonade:limonade, mineral water:eau minérale",
)
EVENTS = nouns(
    """concert:concert, wedding:mariage, match:match, exam:examen, festival:festival, film:film, show:spectacle,
    journey:voyage, dinner:dîner, trial:procès, debate:débat, tournament:tournoi, picnic:pique-nique""",
    """party:fête, meeting:réunion, exhibition:exposition, race:course, conference:conférence, strike:grève,
    ceremony:cérémonie, lesson:leçon, auction:vente aux enchères, election:élection, excursion:excursion,
    competition:compétition""",
)
IDEAS = nouns(
    """problem:problème, project:projet, secret:secret, dream:rêve, lie:mensonge, choice:choix,
    argument:argument, mystery:mystère, success:succès, """,
    """idea:idée, question:question, answer:réponse, mistake:erreur, decision:décision, adventure:aventure,
    promise:promesse, solution:solution, rumour:rumeur, explanation:explication, proposal:proposition,
    reason:raison, discovery:découverte, coincidence:coïncidence, theory/theories:théorie""",
)
PARTS = nouns(  # of a house
    "wall:mur, shutter:volet, ceiling:plafond, staircase:escalier, roof:toit, balcony/balconies:balcon, floor:plancher",
    "window:fenêtre, door:porte, fireplace:cheminée, gate:grille",
)
PAINS = nouns(
    "back:dos, knee:genou/genoux, stomach:ventre, arm:bras, foot/feet:pied",
    "head:tête, leg:jambe, hand:main, throat:gorge",
)


@dataclass(frozen=True, slots=True)
class Place:
    noun: Noun
    en: str  # where one is: "in the park"
    fr: str

    @property
    def to_en(self) -> str:
        return f"to the {self.noun.en}"

    @property
    def to_fr(self) -> str:
        return to(the_fr(self.noun.fr, self.noun.feminine))


def places(gender: str, table: str) -> list[Place]:
    made = []
    for en, fr, at, ou in entries(table):
        word = noun(en, fr, gender)
        there = the_fr(word.fr, word.feminine)
        made.append(Place(word, f"{at} the {en}", to(there) if ou == "à" else f"{ou} {there}"))
    return made


PLACES = places(
    "m",
    """market:marché:at:à, cinema:cinéma:at:à, theatre:théâtre:at:à, museum:musée:at:à, park:parc:in:dans,
    village:village:in:dans, airport:aéroport:at:à, hospital:hôpital:at:à, stadium:stade:at:à, zoo:zoo:at:à,
    supermarket:supermarché:at:à, town centre:centre-ville:in:dans, harbour:port:in:dans, campsite:camping:at:à,
    laboratory:laboratoire:in:dans, courthouse:tribunal:at:à, bridge:pont:on:sur, cemetery:cimetière:in:dans,
    police station:commissariat:at:à, convent:couvent:in:dans""",
) + places(
    "f",
    """station:gare:at:à, school:école:at:à, town hall:mairie:at:à, beach:plage:on:sur, church:église:in:dans,
    post office:poste:at:à, bank:banque:at:à, university:université:at:à, factory:usine:in:dans,
    forest:forêt:in:dans, canteen:cantine:at:à, embassy:ambassade:at:à, square:place:in:sur,
    swimming baths:piscine municipale:at:à, countryside:campagne:in:à, cathedral:cathédrale:in:dans""",
)
ROOMS = places(
    "f",
    """kitchen:cuisine:in:dans, bathroom:salle de bains:in:dans, dining room:salle à manger:in:dans,
    laundry:buanderie:in:dans, bedroom:chambre:in:dans, waiting room:salle d'attente:in:dans""",
) + places(
    "m",
    "living room:salon:in:dans, attic:grenier:in:dans, corridor:couloir:in:dans, dormitory:dortoir:in:dans",
)
