"""Persons without a name, kin, professions in both genders, and what persons are like."""

from attn_core.corpus.lexicon.adjectives import pick
from attn_core.corpus.lexicon.words import entries, noun, nouns

PERSONS = nouns(
    """boy:garçon, man/men:homme, old man/old men:vieil homme/vieux hommes, neighbour:voisin, tourist:touriste,
    guest:invité, traveller:voyageur, customer:client, pupil:élève, passer-by/passers-by:passant, child/children:enfant,
    sailor:marin, teenager:adolescent, foreigner:étranger, patient:patient, candidate:candidat, witness:témoin,
    volunteer:bénévole, soldier:soldat, driver:chauffeur, inspector:inspecteur, monk:moine""",
    """girl:fille, woman/women:femme, lady/ladies:dame, little girl:petite fille, young woman/young women:jeune femme,
    old lady/old ladies:vieille dame, waitress:serveuse, actress:actrice, bride:mariée, ballerina:ballerine,
    schoolgirl:écolière, saleswoman/saleswomen:vendeuse, air hostess:hôtesse de l'air, nun:religieuse,
    policewoman/policewomen:policière,
    midwife/midwives:sage-femme/sages-femmes""",
)
KIN = nouns(
    """father:père, brother:frère, grandfather:grand-père/grands-pères, uncle:oncle, nephew:neveu, son:fils,
    husband:mari, boss:patron, friend:ami, colleague:collègue""",
    """mother:mère, sister:sœur, grandmother:grand-mère/grands-mères, aunt:tante, niece:nièce, daughter:fille,
    wife/wives:femme, goddaughter:filleule, stepmother:belle-mère/belles-mères""",
)
PROFESSIONS = [
    (noun(en, m, "m"), noun(en, f, "f"))
    for en, m, f in entries(
        """baker:boulanger:boulangère, butcher:boucher:bouchère, nurse:infirmier:infirmière,
        teacher:professeur:professeure, lawyer:avocat:avocate, doctor:médecin:médecin,
        pharmacist:pharmacien:pharmacienne, musician:musicien:musicienne, singer:chanteur:chanteuse,
        dancer:danseur:danseuse, writer:écrivain:écrivaine, painter:peintre:peintre, farmer:agriculteur:agricultrice,
        gardener:jardinier:jardinière, cook:cuisinier:cuisinière, hairdresser:coiffeur:coiffeuse,
        engineer:ingénieur:ingénieure, architect:architecte:architecte, dentist:dentiste:dentiste,
        journalist:journaliste:journaliste, photographer:photographe:photographe, secretary:secrétaire:secrétaire,
        translator:traducteur:traductrice, director:directeur:directrice, mechanic:mécanicien:mécanicienne,
        electrician:électricien:électricienne, plumber:plombier:plombière, bookseller:libraire:libraire,
        librarian:bibliothécaire:bibliothécaire, postal worker:postier:postière, pilot:pilote:pilote,
        politician:homme politique/hommes politiques:femme politique/femmes politiques, judge:juge:juge,
        shopkeeper:commerçant:commerçante, researcher:chercheur:chercheuse, scientist:scientifique:scientifique,
        student:étudiant:étudiante, vet:vétérinaire:vétérinaire, historian:historien:historienne,
        physicist:physicien:physicienne, accountant:comptable:comptable, salesperson:vendeur:vendeuse,
        fishmonger:poissonnier:poissonnière, florist:fleuriste:fleuriste, jeweller:bijoutier:bijoutière,
        shepherd:berger:bergère, guide:guide:guide, sculptor:sculpteur:sculptrice, pianist:pianiste:pianiste,
        violinist:violoniste:violoniste, police officer:policier:policière, firefighter:pompier:pompière"""
    )
]
TEMPERS = pick(
    """kind, polite, shy, proud, patient, serious, lazy, brave, curious, jealous, generous, clever, honest, discreet,
    talkative, creative, active, loyal, sensitive, calm, nervous, funny, rich, poor, famous, strong, elegant"""
)
STATES = pick(
    """happy, unhappy, tired, ill, angry, worried, surprised, ready, absent, calm, nervous, busy, satisfied,
    disappointed, sad"""
)
