"""Kill -9 at random moments of a sweep, and look at what is left: `python -m benchmarks.kill`."""
