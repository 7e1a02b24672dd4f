"""The verbs of the command line, a module for each group. `attn_core.cli` holds the parser and `main`."""
