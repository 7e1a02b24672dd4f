"""One file for each kind of sentence; `fillers` has the list of them all."""
