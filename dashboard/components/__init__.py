"""Pieces of interface that more than one page draws."""
