"""What else the points tell, a tab each."""

from __future__ import annotations

from dashboard.services.tradeoff_view import Shown


def tabs(shown: Shown) -> None:
    pass
