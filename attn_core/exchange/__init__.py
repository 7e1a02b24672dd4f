"""A run as a file and back: measured on one machine, read on another. Nothing is believed on the way in."""

from attn_core.exchange.archive import LARGEST_FILE, export_zip
from attn_core.exchange.document import export_csv, export_json
from attn_core.exchange.intake import import_run

__all__ = ["LARGEST_FILE", "export_csv", "export_json", "export_zip", "import_run"]
