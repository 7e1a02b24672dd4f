"""Days, months, and when something was, is or will be."""

from attn_core.corpus.lexicon.words import pairs

DAYS = pairs(
    """Monday:lundi, Tuesday:mardi, Wednesday:mercredi, Thursday:jeudi, Friday:vendredi, Saturday:samedi,
    Sunday:dimanche"""
)
MONTHS = pairs(
    """January:janvier, February:février, March:mars, April:avril, May:mai, June:juin, July:juillet, August:août,
    September:septembre, October:octobre, November:novembre, December:décembre"""
)
PAST_TIMES = pairs(
    """yesterday:hier, last week:la semaine dernière, last month:le mois dernier, last year:l'année dernière,
    last summer:l'été dernier, last winter:l'hiver dernier, this morning:ce matin, last night:hier soir,
    two days ago:il y a deux jours, three weeks ago:il y a trois semaines, a month ago:il y a un mois,
    a long time ago:il y a longtemps, the day before yesterday:avant-hier"""
)
FUTURE_TIMES = pairs(
    """tomorrow:demain, tomorrow evening:demain soir, next week:la semaine prochaine, next month:le mois prochain,
    next year:l'année prochaine, next summer:l'été prochain, the day after tomorrow:après-demain,
    in two days:dans deux jours, in three weeks:dans trois semaines, soon:bientôt"""
)
HABIT_TIMES = pairs(
    """every day:tous les jours, every morning:tous les matins, every evening:tous les soirs,
    every week:toutes les semaines, every summer:tous les étés, twice a week:deux fois par semaine,
    once a month:une fois par mois, from time to time:de temps en temps, at the weekend:le week-end"""
)
