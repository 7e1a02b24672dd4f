"""The machine the numbers on screen belong to."""

from __future__ import annotations

import streamlit as st

from attn_core.amounts import size
from attn_core.environment import Environment
from dashboard.services.literal import literal_facts


def machine_facts(environment: Environment) -> None:
    """A two-column list of facts; what the system does not say is said to be unknown."""
    left, right = st.columns(2, gap="large")
    with left:
        _facts("Hardware", _hardware(environment))
    with right:
        _facts("Software", _software(environment))
    st.caption(f"Environment {environment.id}: the same on every row measured here.")


def _hardware(environment: Environment) -> dict[str, str]:
    gpus = ", ".join(
        f"{gpu.name} ({size(gpu.total_memory)})" if gpu.total_memory else gpu.name
        for gpu in environment.gpus
    )
    return {
        "Processor": environment.cpu,
        "Logical cores": f"{environment.cores}, of which torch uses {environment.threads}",
        "Memory": _known(environment.total_memory),
        "Free now": _known(environment.available_memory),
        "GPU": gpus or "none found",
    }


def _software(environment: Environment) -> dict[str, str]:
    return {
        "torch": environment.torch,
        "Vector instructions": environment.cpu_capability,
        "Math libraries": ", ".join(environment.math_libraries) or "none",
        "Exact attention kernels": ", ".join(environment.sdpa_backends) or "none",
        "Python": environment.python,
        "System": environment.system,
    }


def _known(value: int | None) -> str:
    return "unknown" if value is None else size(value)


def _facts(heading: str, facts: dict[str, str]) -> None:
    st.markdown(literal_facts(heading, facts))
