"""Honest timings: what a sweep measures, the clock that measures it, and what may be derived from it."""
