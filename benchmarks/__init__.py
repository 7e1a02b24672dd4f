"""How fast this project is beside the packages people use today, and whether the numbers agree.

Run with `python -m benchmarks`; the tables it writes are in docs/benchmarks.md. Linux only: memory and what
other processes use are read from /proc.
"""
