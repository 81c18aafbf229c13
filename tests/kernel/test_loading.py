"""While modules are loaded nothing is searched for garbage; afterwards everything but them is."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from portal.kernel.loading import loading


@pytest.fixture(autouse=True)
def searched() -> Iterator[None]:
    """Whatever a test says, the next one is searched."""
    yield
    gc.enable()


def test_nothing_is_searched_while_loading_and_everything_new_afterwards() -> None:
    frozen = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        kept = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)


def test_a_module_that_does_not_load_leaves_the_search_on() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()


def test_who_has_no_search_gets_none() -> None:
    gc.disable()
    with loading():
        pass
    assert not gc.isenabled()
