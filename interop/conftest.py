"""One running server for all, and a person for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from person import Person
from writ import PASSWORD, Writ


@pytest.fixture(scope="session")
def writ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writ]:
    directory: Path = tmp_path_factory.mktemp("writ")
    writ = Writ(directory, audience="https://talk.example")
    with writ.serving():
        yield writ


@pytest.fixture
def person() -> Iterator[Person]:
    person = Person(PASSWORD)
    yield person
    person.close()
