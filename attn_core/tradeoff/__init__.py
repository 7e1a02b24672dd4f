"""Which method, with which budget, for a length and a machine: measured together and held against each other."""
