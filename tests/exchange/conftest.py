"""Two machines' stores."""

import pytest

from attn_core.store import Store


@pytest.fixture
def here(tmp_path) -> Store:
    return Store(tmp_path / "here")


@pytest.fixture
def there(tmp_path) -> Store:
    return Store(tmp_path / "there")
