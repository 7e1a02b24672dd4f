"""English–French sentence pairs: written by a grammar or read from a file, and cut into tokens."""
