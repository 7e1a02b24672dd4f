"""What no reader should wait for: once when the server starts, and once when much has been read."""

import gc
import importlib
import pkgutil
from threading import Thread

# So many rows take the collector longer to walk than a page takes to draw.
MANY = 2_000


def get_ready() -> None:
    """In the background: the first reader may come at once."""
    Thread(target=import_and_settle, name="readiness", daemon=True).start()


def import_and_settle() -> None:
    """Import what the pages are made of, and tell the collector to leave that alone. Streamlit collects everything
    after every run of a page, before it tells the browser that the run has ended: walking the 300,000 objects of the
    libraries, which stay anyway, takes 150 to 200 ms each time."""
    from dashboard import components

    for one in pkgutil.iter_modules(components.__path__, f"{components.__name__}."):
        importlib.import_module(one.name)
    settle(MANY)


def settle(rows: int) -> None:
    """The same of stored rows that are kept to be drawn again. What was left alone before and is garbage now goes at
    the next time."""
    if rows >= MANY:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
