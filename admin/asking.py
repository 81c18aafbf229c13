"""The questions of ``mingjing setup`` without a plan: one office and its first people. A wrong answer is asked again.

Questions go to stderr: what is printed on stdout is for paper.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from admin.plan import LEVELS, BoardPlan, MemberPlan, OfficePlan, Plan
from admin.staff.accounts import SIGN_IN
from admin.staff.roles import Role
from crypto.checkpoints import check_name
from crypto.errors import Malformed
from portal.directory.regions import regions

KEEPERS, CONSENTING = 3, 2
MOST_NAME, MOST_CODE, MOST_OFFICE = 80, 40, 120
"""Characters that the tables hold."""


def ask_plan() -> Plan:
    """One bureau, its administrator, head and handler, and three custodians of whom two must consent."""
    office = OfficePlan(
        _ask("Code of the office (letters and digits)", _of_at_most(MOST_CODE)),
        _ask("Name of the office", _of_at_most(MOST_OFFICE)),
        "bureau",
        click.prompt("Level", type=click.Choice(LEVELS), err=True),
        _ask("GB/T 2260 code of its region, six digits", _region),
    )
    taken: set[str] = set()
    admin = _ask_member("the system administrator", office.code, (Role.SYSADMIN,), taken)
    head = _ask_member("the head of the office", office.code, (Role.HEAD,), taken)
    handler = _ask_member("the handler of reports", office.code, (Role.INTAKE, Role.HANDLER), taken)
    numbers = range(1, KEEPERS + 1)
    keepers = [_ask_member(f"custodian {one} of {KEEPERS}", office.code, (Role.CUSTODIAN,), taken) for one in numbers]
    board = BoardPlan(f"{office.name} 身份保管组", CONSENTING, tuple(keeper.sign_in for keeper in keepers))
    return Plan((office,), (admin, head, handler, *keepers), (board,))


def ask_origin() -> str:
    """The ledger's name, which checkpoints carry for ever."""
    return _ask("Name of the ledger, e.g. mingjing.example.gov.cn/2026; it never changes", checked_origin)


def checked_origin(text: str) -> str:
    """*text* as the name of a ledger. Raises click.BadParameter."""
    try:
        check_name(text)
    except Malformed as error:
        raise click.BadParameter(str(error)) from None
    return text


def _ask_member(what: str, office: str, roles: tuple[Role, ...], taken: set[str]) -> MemberPlan:
    shown = _ask(f"Name of {what}", _of_at_most(MOST_NAME))
    sign_in = _ask(f"Sign-in name of {shown} (small letters, digits, dots, hyphens)", lambda text: _new(text, taken))
    taken.add(sign_in)
    return MemberPlan(sign_in, shown, office, roles)


def _ask(question: str, check: Callable[[str], str]) -> str:
    """click asks again when *check* raises a UsageError, and says why."""
    answer: str = click.prompt(question, err=True, value_proc=lambda text: check(text.strip()))
    return answer


def _of_at_most(length: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not text or len(text) > length:
            raise click.BadParameter(f"between 1 and {length} characters")
        return text

    return check


def _region(text: str) -> str:
    if text not in regions():
        raise click.BadParameter("no such division in GB/T 2260")
    return text


def _new(text: str, taken: set[str]) -> str:
    name = text.lower()
    if not SIGN_IN.fullmatch(name):
        raise click.BadParameter("3 to 40 small letters, digits, dots or hyphens, a letter or digit first")
    if name in taken:
        raise click.BadParameter("this sign-in name was given to somebody else")
    return name
