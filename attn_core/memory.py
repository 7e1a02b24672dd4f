"""Keep freed memory for the next operation instead of handing it back to the system at once.

Attention makes and frees blocks of a few MiB all the time. glibc by default gives such blocks back and takes
them again at the price of page faults: about 5% of a Reformer forward pass, nothing measurable of a BigBird one
(docs/decisions/0002-keep-freed-memory.md).
"""

from __future__ import annotations

import ctypes
import os
import sys

# <malloc.h>: M_MMAP_THRESHOLD, M_TRIM_THRESHOLD.
MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
MIB = 1 << 20
# Larger blocks still go straight back, so at most the second of these stays with an idle process.
LARGEST_KEPT, KEPT_IN_ALL = 32 * MIB, 256 * MIB


def keep_freed_memory() -> bool:
    """Whether the setting took; `ATTN_CORE_MALLOC=default` leaves the allocator as it is."""
    if not sys.platform.startswith("linux") or os.environ.get("ATTN_CORE_MALLOC") == "default":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST_KEPT) and mallopt(TRIM_THRESHOLD, KEPT_IN_ALL))
