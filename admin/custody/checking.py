"""The question whether a draft says who reported: asked of a board like an opening, answered with hit or no hit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from admin.custody.opening import compare
from admin.exposures.drafting import draft_of
from admin.exposures.moving import locked_way, put
from crypto.keys import InnerKey
from portal.custody.models import IdentityRequest
from portal.exposures.drafts import text_of
from portal.exposures.naming import CHECKED, HIT, NO_HIT
from portal.exposures.states import ExposureState
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer about one version. Which field or which piece of the text it was, nobody is told."""

    version: int
    hit: bool


def check_draft(
    session: Session, request: IdentityRequest, own: InnerKey, keys: ReportKeys, actor: Actor, now: Utc
) -> Checked:
    """Hold the newest draft against the identity, and leave the answer in history and book. What is public besides the
    text (bases, points) is the record's and was checked with it.

    Called after :func:`admin.custody.opening.record_opening` has been committed. Refused ("no_draft") without a draft,
    and as :func:`admin.custody.opening.compare`.
    """
    way = locked_way(session, session.get_one(Tip, request.tip_id))
    draft = draft_of(session, way, keys)
    if draft is None:
        raise Refused("no_draft", "这个案例还没有草稿，没有可以核对的。")
    text = "\n".join((text_of(draft.content), draft.words))
    hit = compare(session, request, own, keys.shred_key, text, now)
    put(session, way, CHECKED, ExposureState(way.state), actor, now, HIT if hit else NO_HIT)
    return Checked(way.version, hit)
