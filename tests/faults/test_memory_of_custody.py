"""After a name was opened and all have signed out, no key, share or letter of it is left in any process."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.benches.deployment import COUNTY, Deployment
from tests.benches.journey import Story, send, to_check
from tests.benches.keepers import covered
from tests.benches.served import PUBLIC, STAFF, serving
from tests.benches.visitor import Visitor
from tests.faults.opening import CONSENTING, keys_of_opening, open_name
from tests.faults.test_many_at_once import number_on
from tests.faults.test_memory import RECYCLED, halves, held, recycle

NAME = "测试人甲乙丙丁戊（虚构，内存里也不该留着）"
WHY = "需要当面核对住院的日子，别处没有这句话（虚构）"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_after_a_name_was_opened_and_all_signed_out_no_process_holds_a_key_a_share_or_the_name(
    sqlite_deployment: Deployment,
) -> None:
    deployment = sqlite_deployment
    with deployment.opened():
        covered(deployment)
    story = Story("虚构住院。", region=("320000", "320100", "320106"), who={"name": NAME, "phone": "13900000000"})
    with ExitStack() as stack:
        environment = deployment.environment()
        public, staff = (
            stack.enter_context(serving(name, environment, deployment.folder / f"{name[:6]}.log", options=RECYCLED))
            for name in (PUBLIC, STAFF)
        )
        number = number_on(send(to_check(Visitor(public.port), story)))
        opened = open_name(staff, deployment, number, WHY)
        assert NAME in opened.asker.words
        found = keys_of_opening(deployment)
        assert len(found) == 7
        secrets = {half: part for name, secret in found.items() for half, part in halves(name, secret).items()}
        for name in (COUNTY, *CONSENTING):
            secrets |= halves(f"own key of {name}", deployment.people[name].seed)
        for what, text in (("the name", NAME), ("the reason", WHY)):
            secrets |= {what: text.encode(), f"{what}, as Python holds it": text.encode("utf-16-le")}
        opened.sign_out()
        recycle(public, "/safe/")
        recycle(staff, "/sign-in/")
        control = {"a key of the site": base64.b64encode(deployment.settings.secret_key)}
        assert held(staff, secrets=control) == set(control)
        assert held(public, staff, secrets=secrets) == set()
