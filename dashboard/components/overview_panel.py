"""stub"""


def overview_panel(looked, chosen):
    return "", ""
