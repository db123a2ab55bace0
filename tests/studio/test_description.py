"""The API against its own description (OpenAPI), by requests that schemathesis derives from it."""

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving import serving
from songrnn.studio.settings import Limits, StudioSettings
from tiny import JIG, REEL

EXAMPLES = 12
"""Requests to each resource."""
PATIENCE = 90
"""Seconds for an answer; a busy machine takes long."""
NUMBERS = ("tune", "version", "number")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def test_every_answer_is_as_described(tiny_model, tmp_path):
    limits = Limits(characters=200, tunes=2, tries=2)
    studio = StudioSettings(checkpoints=(tiny_model,), limits=limits, database=str(tmp_path / "t.db"), port=0)
    asked = set()
    with serving(studio) as address, requests.Session() as session:
        schema = schemathesis.openapi.from_dict(session.get(f"{address}/openapi.json", timeout=PATIENCE).json())
        keep(address, session)
        for found in schema.get_all_operations():
            operation = found.ok()
            ask(address, session, operation)
            asked.add(operation.label)
    assert len(asked) > 25


def keep(address, session):
    """A tune with two versions, and a set of it."""
    book = f"{address}/api/tunebook"
    for path, content in (
        ("tunes", {"abc": JIG}),
        ("tunes/1/versions", {"abc": REEL}),
        ("sets", {"title": "S", "tunes": [1]}),
    ):
        assert session.post(f"{book}/{path}", json=content).status_code == 201


def ask(address, session, operation):
    """EXAMPLES requests to one resource; in half of them the names and texts are those of tunes that are there."""

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), known=strategies.booleans(), abc=strategies.sampled_from([JIG, REEL]))
    def answered(case, known, abc):
        if known:
            case.path_parameters = {
                name: 1 if name in NUMBERS else value for name, value in case.path_parameters.items()
            }
            if isinstance(case.body, dict) and "abc" in case.body:
                case.body = {**case.body, "abc": abc}
        case.call_and_validate(base_url=address, session=session, checks=CHECKS, timeout=PATIENCE)

    answered()
