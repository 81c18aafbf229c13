"""Recovery sheets on a page: made and shown before anything is stored.

What goes through the form is only the public half of the recovery key, signed. So a page that got lost, or was printed
badly, is made anew, and nothing remembers the words.
"""

from __future__ import annotations

import base64

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from admin.staff.founding import Sheets, new_paper
from admin.web.guard import current_staff
from crypto.keys import PublicKey, Purpose
from portal.kernel.errors import Refused
from portal.kernel.values import Id

PRINTING_S = 3600
"""How long the sheets may take from the printer into three hands."""


def fresh_paper(owner: str, purpose: Purpose, where: Id) -> tuple[Sheets, str]:
    """The words for the page, and the public half for its form, good for this person and *where* (whose key it is)."""
    paper = new_paper(owner, purpose)
    public = base64.b64encode(paper.public.raw).decode()
    return paper.sheets, _signed().dumps([str(current_staff().staff.id), str(where), public])


def paper_taken(signed: str, purpose: Purpose, where: Id) -> PublicKey:
    """The public half that came back. Refused when it is too old, or was made for another person or key."""
    try:
        who, made_for, public = _signed().loads(signed, max_age=PRINTING_S)
    except BadSignature:
        raise Refused("paper_too_old", "这一页打开太久了。请重新制作恢复词。") from None
    if (who, made_for) != (str(current_staff().staff.id), str(where)):
        raise Refused("paper_of_another", "这一页不是为您和这把密钥做的。请重新制作恢复词。")
    return PublicKey(purpose, base64.b64decode(public))


def _signed() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="mingjing/recovery-paper")
