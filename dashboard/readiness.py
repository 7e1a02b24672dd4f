"""What no reader should wait for, done once when the server starts."""

import gc
import importlib
import pkgutil
from threading import Thread

from dashboard import components


def get_ready() -> None:
    """In the background: the first reader may come at once."""
    Thread(target=import_and_settle, name="readiness", daemon=True).start()


def import_and_settle() -> None:
    """Import what the pages are made of, and tell the collector to leave that alone. Streamlit collects everything
    after every run of a page, before it tells the browser that the run has ended: walking the 300,000 objects of the
    libraries, which stay anyway, takes 150 to 200 ms each time."""
    for one in pkgutil.iter_modules(components.__path__, f"{components.__name__}."):
        importlib.import_module(one.name)
    gc.collect()
    gc.freeze()
