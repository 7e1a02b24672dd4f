"""Adjectives with both genders written out: rules for feminines have too many exceptions."""

from attn_core.corpus.lexicon.words import Adjective, adjectives

BEFORE = adjectives(
    """big:grand:grande, small:petit:petite, beautiful:beau:belle, old:vieux:vieille, new:nouveau:nouvelle,
    good:bon:bonne, bad:mauvais:mauvaise, pretty:joli:jolie, young:jeune:jeune, huge:énorme:énorme,
    long:long:longue, fat:gros:grosse, tiny:minuscule:minuscule, real:véritable:véritable""",
    before=True,
)
COLOURS = adjectives(
    """red:rouge:rouge, blue:bleu/bleus:bleue, green:vert:verte, yellow:jaune:jaune, white:blanc:blanche,
    black:noir:noire, grey:gris:grise, pink:rose:rose, purple:violet:violette, brown:marron/marron:marron/marron"""
)
AFTER = adjectives(
    """expensive:cher:chère, heavy:lourd:lourde, light:léger:légère, magnificent:magnifique:magnifique,
    perfect:parfait:parfaite, useful:utile:utile, useless:inutile:inutile, ugly:laid:laide,
    ridiculous:ridicule:ridicule, strange:étrange:étrange, ordinary:ordinaire:ordinaire, unique:unique:unique,
    original:original:originale, interesting:intéressant:intéressante, remarkable:remarquable:remarquable,
    precious:précieux:précieuse, practical:pratique:pratique, superb:superbe:superbe,
    splendid:splendide:splendide, modern:moderne:moderne, impressive:impressionnant:impressionnante,
    disappointing:décevant:décevante, affordable:abordable:abordable, rare:rare:rare, simple:simple:simple,
    elegant:élégant:élégante, dirty:sale:sale, clean:propre:propre, comfortable:confortable:confortable,
    solid:solide:solide, fragile:fragile:fragile, wide:large:large, narrow:étroit:étroite, round:rond:ronde,
    square:carré:carrée, soft:doux:douce, hard:dur:dure, warm:chaud:chaude, cold:froid:froide, dry:sec:sèche,
    wet:mouillé:mouillée, bright:lumineux:lumineuse, dark:sombre:sombre, quiet:calme:calme,
    noisy:bruyant:bruyante, fast:rapide:rapide, slow:lent:lente, dangerous:dangereux:dangereuse,
    powerful:puissant:puissante, boring:ennuyeux:ennuyeuse, moving:émouvant:émouvante, funny:drôle:drôle,
    sad:triste:triste, clear:clair:claire, complicated:compliqué:compliquée, short:court:courte,
    thick:épais:épaisse, thin:mince:mince, complete:complet:complète, famous:célèbre:célèbre,
    full:plein:pleine, empty:vide:vide, open:ouvert:ouverte, closed:fermé:fermée, broken:cassé:cassée,
    electric:électrique:électrique, automatic:automatique:automatique, reliable:fiable:fiable,
    sharp:tranchant:tranchante, rusty:rouillé:rouillée, delicious:délicieux:délicieuse, salty:salé:salée,
    sweet:sucré:sucrée, spicy:épicé:épicée, bitter:amer:amère, fresh:frais:fraîche, burnt:brûlé:brûlée,
    excellent:excellent:excellente, tasteless:fade:fade, happy:heureux:heureuse,
    unhappy:malheureux:malheureuse, tired:fatigué:fatiguée, ill:malade:malade, angry:furieux:furieuse,
    kind:gentil:gentille, polite:poli:polie, shy:timide:timide, proud:fier:fière, patient:patient:patiente,
    serious:sérieux:sérieuse, lazy:paresseux:paresseuse, brave:courageux:courageuse,
    curious:curieux:curieuse, jealous:jaloux:jalouse, generous:généreux:généreuse,
    clever:intelligent:intelligente, strong:fort:forte, weak:faible:faible, rich:riche:riche,
    poor:pauvre:pauvre, worried:inquiet:inquiète, surprised:surpris:surprise, ready:prêt:prête,
    honest:honnête:honnête, discreet:discret:discrète, isolated:isolé:isolée, absent:absent:absente,
    talkative:bavard:bavarde,
    creative:créatif:créative, active:actif:active, loyal:loyal:loyale, sensitive:sensible:sensible,
    calm:calme:calme, nervous:nerveux:nerveuse, busy:occupé:occupée, satisfied:satisfait:satisfaite,
    disappointed:déçu:déçue, seated:assis:assise, wild:sauvage:sauvage, tame:docile:docile,
    hungry:affamé:affamée, faithful:fidèle:fidèle, rural:rural:rurale, local:local:locale,
    important:important:importante, necessary:nécessaire:nécessaire, possible:possible:possible,
    difficult:difficile:difficile, easy:facile:facile, public:public:publique, free:gratuit:gratuite,
    industrial:industriel:industrielle, traditional:traditionnel:traditionnelle, medieval:médiéval:médiévale,
    wooden:en bois/en bois:en bois/en bois, metal:en métal/en métal:en métal/en métal,
    leather:en cuir/en cuir:en cuir/en cuir, wool:en laine/en laine:en laine/en laine,
    plastic:en plastique/en plastique:en plastique/en plastique,
    glass:en verre/en verre:en verre/en verre, silver:en argent/en argent:en argent/en argent,
    brand new:neuf:neuve, solar:solaire:solaire, portable:portable:portable,
    second-hand:d'occasion/d'occasion:d'occasion/d'occasion, transparent:transparent:transparente,
    antique:ancien:ancienne, Italian:italien:italienne, Spanish:espagnol:espagnole,
    German:allemand:allemande, English:anglais:anglaise, Chinese:chinois:chinoise,
    Japanese:japonais:japonaise, Portuguese:portugais:portugaise, Greek:grec:grecque,
    Turkish:turc:turque, Russian:russe:russe"""
)
ADJECTIVES: dict[str, Adjective] = BEFORE | COLOURS | AFTER


def pick(words: str) -> list[Adjective]:
    """The adjectives that a list of English words names, separated by commas."""
    return [ADJECTIVES[word.strip()] for word in words.split(",")]
