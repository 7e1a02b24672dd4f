"""Cities, countries and languages."""

from attn_core.corpus.lexicon.words import listed, pairs

CITIES = listed(
    """Paris, Lyon, Marseille, Lille, Bordeaux, Toulouse, Nantes, Strasbourg, Nice, Rennes, Grenoble, Dijon,
    Angers, Tours, Brest, Limoges, Metz, Perpignan, Besançon, Orléans, Rouen, Caen, Nancy, Avignon, Annecy,
    Genève, Bruxelles, Montréal, Madrid, Rome, Berlin, Tokyo, Lisbonne, Vienne"""
)
ENGLISH_CITIES = {
    "Genève": "Geneva",
    "Bruxelles": "Brussels",
    "Montréal": "Montreal",
    "Lisbonne": "Lisbon",
    "Vienne": "Vienna",
}
COUNTRIES = [  # English, from it, in it
    ("Italy", "d'Italie", "en Italie"),
    ("Spain", "d'Espagne", "en Espagne"),
    ("Germany", "d'Allemagne", "en Allemagne"),
    ("Switzerland", "de Suisse", "en Suisse"),
    ("Belgium", "de Belgique", "en Belgique"),
    ("Greece", "de Grèce", "en Grèce"),
    ("Poland", "de Pologne", "en Pologne"),
    ("Norway", "de Norvège", "en Norvège"),
    ("China", "de Chine", "en Chine"),
    ("India", "d'Inde", "en Inde"),
    ("Ireland", "d'Irlande", "en Irlande"),
    ("Scotland", "d'Écosse", "en Écosse"),
    ("Argentina", "d'Argentine", "en Argentine"),
    ("Portugal", "du Portugal", "au Portugal"),
    ("Japan", "du Japon", "au Japon"),
    ("Canada", "du Canada", "au Canada"),
    ("Brazil", "du Brésil", "au Brésil"),
    ("Mexico", "du Mexique", "au Mexique"),
    ("Morocco", "du Maroc", "au Maroc"),
    ("Denmark", "du Danemark", "au Danemark"),
    ("the United States", "des États-Unis", "aux États-Unis"),
    ("the Netherlands", "des Pays-Bas", "aux Pays-Bas"),
]
LANGUAGES = pairs(
    """English:anglais, Spanish:espagnol, German:allemand, Italian:italien, Japanese:japonais, Russian:russe,
    Portuguese:portugais, Arabic:arabe, Greek:grec"""
)
