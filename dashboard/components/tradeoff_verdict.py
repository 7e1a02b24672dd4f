"""What follows from the points, in sentences that each lead to their evidence."""

from __future__ import annotations

from dashboard.services.tradeoff_view import Shown


def verdict_panel(shown: Shown) -> None:
    pass
