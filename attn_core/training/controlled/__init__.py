"""The experiment behind Figure Z without its confounds; see `run` for its order."""

from attn_core.training.controlled.run import run_controlled

__all__ = ["run_controlled"]
