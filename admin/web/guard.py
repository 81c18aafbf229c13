"""The one gate of the staff site: who is signed in, and what each endpoint asks of them. Denied unless said.

Every endpoint carries exactly one mark: ``@needs(Permission.X)``, ``@signed_in`` (a person's own pages), ``@enrolling``
(the first sign-in) or ``@anyone`` (signing in, quick exit). An endpoint without a mark answers 403 to everybody.
``@needs`` lets in whoever holds the permission for *some* office; which office is the verb's question (``actor.must``)
or the query's (``actor.offices_with``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from admin.staff import unlocking
from admin.staff.queries import Account, known
from admin.staff.roles import Permission
from admin.web import cookies
from crypto.keys import InnerKey, Purpose, inner_from_seed
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound
from portal.kernel.transaction import reading, reading_rows, session_rows, session_transaction
from portal.kernel.values import Id
from portal.signin.sessions import Opened, SessionKind, read_session, touch, wants_touch

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed-in"
ENROLLING = "enrolling"
_MARK = "mingjing_gate"


def needs(permission: Permission) -> Callable[[View], View]:
    """Only for those who hold *permission* for some office; everybody else gets 403, strangers the sign-in page."""
    return _marked(permission)


def signed_in(view: View) -> View:
    """For everybody who is signed in and enrolled: one's own account, the first page."""
    return _marked(SIGNED_IN)(view)


def enrolling(view: View) -> View:
    """Only for sessions of a set-up passphrase, which may do nothing else."""
    return _marked(ENROLLING)(view)


def anyone(view: View) -> View:
    """For everybody, signed in or not."""
    return _marked(ANYONE)(view)


def gate_of(view: Callable[..., Any] | None) -> str | None:
    """The mark of a view: a permission, "signed-in", "enrolling", "anyone", or None, which denies."""
    return getattr(view, _MARK, None)


def _marked(mark: str) -> Callable[[View], View]:
    def mark_view(view: View) -> View:
        setattr(view, _MARK, mark)
        return view

    return mark_view


@dataclass
class SignedIn:
    """The person of this request. Keys are opened when asked for and wiped when the request ends."""

    staff: Account
    actor: Actor
    session: Opened = field(repr=False)
    _keys: dict[tuple[Id, bytes | None], InnerKey] = field(default_factory=dict, repr=False)
    _own: InnerKey | None = field(default=None, repr=False)

    def own_key(self) -> InnerKey:
        """The person's own key."""
        if self._own is None:
            seed = unlocking.seed_of(self.session.payload)
            self._own = inner_from_seed(Purpose.STAFF, seed)
        return self._own

    def office_key(self, office: Id, session: Session | None = None) -> InnerKey:
        """The current key of *office*, asked for in *session* if one is open. NotFound when it was not granted."""
        return self._granted(Purpose.OFFICE, office, "您还没有得到这个单位的密钥。请联系本单位同事授予。", session)

    def seat_key(self, seat: Id, session: Session, key_id: bytes | None = None) -> InnerKey:
        """The key of a custody seat: the newest, or the generation *key_id*. NotFound when it was not granted."""
        return self._granted(Purpose.SEAT, seat, "您还没有得到这个席位的密钥。请联系系统管理员。", session, key_id)

    def _granted(
        self, purpose: Purpose, owner: Id, lacking: str, session: Session | None, key_id: bytes | None = None
    ) -> InnerKey:
        if (owner, key_id) not in self._keys:
            with nullcontext(session) if session is not None else reading() as asked:
                key = unlocking.open_granted(asked, self.staff, self.own_key(), purpose, owner, key_id)
            if key is None:
                raise NotFound(f"no_{purpose.value}_key", lacking)
            self._keys[owner, key_id] = key
        return self._keys[owner, key_id]

    def office_keys(self) -> dict[Id, InnerKey]:
        """The keys of all offices where this person may read reports."""
        return {office: self.office_key(office) for office in self.actor.offices_with(Permission.READ_TIP)}

    def wipe(self) -> None:
        """Overwrite every key that was opened."""
        for key in (*self._keys.values(), *filter(None, (self._own,))):
            key.wipe()
        self._keys.clear()
        self._own = None


def current_staff() -> SignedIn:
    """The person of this request; 403 on a page where nobody needs to be signed in."""
    person = g.get("signed_in")
    if person is None:
        abort(403)
    return cast(SignedIn, person)


def maybe_staff() -> SignedIn | None:
    """The person of this request, or None (templates)."""
    return cast("SignedIn | None", g.get("signed_in"))


def open_to_anyone(app: Flask, blueprints: frozenset[str]) -> None:
    """Mark every endpoint of *blueprints*, which were written without this gate in mind, as open to anyone."""
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in blueprints and gate_of(view) is None:
            anyone(view)


def init_guard(app: Flask) -> None:
    """Put the gate before every endpoint of *app* and the wiping of keys behind it."""
    # In front of everything: reading a form may seal files, and nobody's files are taken before it is known whose.
    app.before_request_funcs.setdefault(None, []).insert(0, _gate)
    app.teardown_request(_wipe)
    app.context_processor(lambda: {"me": maybe_staff(), "may": _may})


def _gate() -> BaseResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    gate = gate_of(view)
    if view is None or gate == ANYONE:
        return None  # no such page: 404 from the routing
    if gate is None:
        abort(403)
    person = _person()
    if person is None:
        return _to_sign_in()
    g.signed_in = person
    if unlocking.is_enrolling(person.session.payload) != (gate == ENROLLING):
        return redirect(url_for("staff.account" if gate == ENROLLING else "signin.enrol"))
    if gate not in (SIGNED_IN, ENROLLING) and not person.actor.offices_with(gate):
        if person.staff.state == "pending":
            return redirect(url_for("staff.account"))  # says what is still missing, and whom to ask
        abort(403)
    return None


def _person() -> SignedIn | None:
    moment = now()
    with session_rows() as store:
        opened = read_session(store, SessionKind.STAFF, request.cookies.get(cookies.SESSION), moment)
    if opened is None or opened.owner is None:
        return None
    with reading_rows() as connection:
        found = known(connection, opened.owner)
    if found is None or found[0].state == "left":
        return None
    if wants_touch(opened, moment):
        with session_transaction() as store:
            touch(store, opened, moment)
    return SignedIn(*found, opened)


def _to_sign_in() -> Response | BaseResponse:
    asked = request.full_path.rstrip("?")
    if (
        request.method in ("GET", "HEAD") and asked != "/"
    ):  # the bare address is nobody's wish: it leads to the own work
        return redirect(url_for("signin.start", next=asked))
    return redirect(url_for("signin.start"))


def _may(permission: str, office: Id | None = None) -> bool:
    """For templates: whether the person holds *permission* for *office*, or for any."""
    person = maybe_staff()
    if person is None:
        return False
    return person.actor.may(permission, office) if office else bool(person.actor.offices_with(permission))


def _wipe(_error: BaseException | None) -> None:
    person = g.pop("signed_in", None)
    if person is not None:
        person.wipe()
