"""Both descriptions of open data against the site itself: whatever is asked, it answers as it says (schemathesis)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from portal.statistics.values import Month
from portal.web.caching import STATIC_COPY
from tests.disclosures.figures import figure, publish
from tests.exposures.showcase import HOSPITAL, PHARMACY, office, put_up, take_down
from tests.statistics.bulletin_rows import invented, publish_row

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Operation = APIOperation[Any, Any, Any, Any]
EXAMPLES = 5
"""Of each address and kind of question, beside those that stand at the edges of what is described."""
ANSWERS = [200, 404, 410]
"""What a good question is answered with. 410 is an answer: the notice of a case that was withdrawn."""
AS_DESCRIBED = {"seed": 1, "checks": {"positive_data_acceptance": {"expected-statuses": ANSWERS}}}
DESCRIPTIONS = ("/fund/data/openapi.json", "/exposures/openapi.json", "/figures/data/openapi.json")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is said does not depend on the database; the reads run on both elsewhere."""
    return sqlite_database


@pytest.fixture
def filled(public_app: Flask) -> Flask:
    """Figures, one of them corrected; a case on show and one that is gone; a month with a correction."""
    told = [
        figure("resident", "income", "10.50", 2024),
        figure("employee", "income", "", 2025, region="", place="某地"),
    ]
    with transaction() as session:
        publish(session, told)
        publish(
            session, [replace(told[0], amount="10.60")], version=2, code="2026-0002", reason="mistyped", words="虚构。"
        )
        bureau = office(session)
        put_up(session, bureau, PHARMACY, code="2026-0001")
        take_down(session, put_up(session, bureau, HOSPITAL, code="2026-0002"), date(2026, 9, 7))
    for version, reason in ((1, ""), (2, "record")):
        publish_row(invented(Month(2026, 8), {"web": 20 + version, "12393": 2}), version, reason=reason)
    return public_app


@pytest.mark.parametrize("path", DESCRIPTIONS)
def test_whatever_is_asked_is_answered_as_described(filled: Flask, path: str) -> None:
    described = at(filled, path)
    assert ask_at_the_edges(described, [*GenerationMode]) > 40
    for operation in operations(described):
        for mode in GenerationMode if operation.query or operation.path_parameters else [GenerationMode.POSITIVE]:
            ask_at_random(operation, mode)


@pytest.mark.parametrize("path", DESCRIPTIONS)
def test_in_english_good_questions_are_answered_as_described(filled: Flask, path: str) -> None:
    assert ask_at_the_edges(at(filled, f"/en{path}"), [GenerationMode.POSITIVE]) > 10


def at(app: Flask, path: str) -> OpenApiSchema:
    """The description at *path*, bound to the site."""

    def unlimited(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return app(environ | {STATIC_COPY: True}, start)  # more questions than one visitor may ask in a minute

    return schemathesis.openapi.from_wsgi(path, unlimited, config=SchemathesisConfig.from_dict(AS_DESCRIBED))


def operations(described: OpenApiSchema) -> Iterator[Operation]:
    """What may be asked."""
    for found in described.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def ask_at_the_edges(described: OpenApiSchema, modes: list[GenerationMode]) -> int:
    """Ask every address with what stands at the edges of its conditions; how many questions that were."""
    how = described.config.generation_for()
    cases = [
        case
        for operation in operations(described)
        for case in described.iter_coverage_cases(operation, generation_modes=modes, generation_config=how)
    ]
    for case in cases:
        check(case)
    return len(cases)


def ask_at_random(operation: Operation, mode: GenerationMode) -> None:
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, derandomize=True,
              suppress_health_check=[*HealthCheck])  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Case[Any]) -> None:
        check(case)

    asked()


def check(case: Case[Any]) -> None:
    """Every check there is; but that good questions are answered is not asked of two kinds that no schema can tell."""
    case.call_and_validate(excluded_checks=[positive_data_acceptance] if makes_no_sense(case.query or {}) else None)


def makes_no_sense(asked: Mapping[str, Any]) -> bool:
    """Years that end before they begin, and a day that no month has: right in form, and refused."""
    try:
        if int(asked.get("from", 0)) > int(asked.get("to", 9999)):
            return True
        if "." in (after := str(asked.get("after", ""))):
            date.fromisoformat(after.partition(".")[0])
    except (TypeError, ValueError):
        return True
    return False
