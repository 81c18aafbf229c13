"""The real verbs with the public role's rights and nothing more: draft, report, mailbox."""

from __future__ import annotations

import secrets

from crypto.receipts import secrets_from_seed
from portal.kernel.actors import REPORTER
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import bind, transaction
from portal.tips import drafts, reporter
from portal.tips.intake import Submission, receive_tip
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report, SubjectType
from tests.admin_tips.world import make_world
from tests.conftest import StandingClock
from tests.postgresql.conftest import AsRole


def test_a_report_is_written_sent_and_followed_with_the_public_role_alone(
    postgresql_database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock, as_role: AsRole
) -> None:
    world = make_world(postgresql_database, checkpoint_key[0])
    as_role("public")
    code = secrets_from_seed(secrets.token_bytes(32), 1)
    with transaction() as session:
        key = drafts.start(session, now()).key
    with transaction() as session:
        draft = drafts.open_draft(session, key, now(), lock=True)
        report = Report(
            region="320104", subject_type=SubjectType.INSTITUTION, target="演示第一医院", words="虚构住院。"
        )
        submission = Submission(
            tip_id=draft.tip_id,
            report=report,
            known_as=KnownAs.NAMED,
            channel=Channel.WEB,
            answer_way=AnswerWay.CODE,
            identity=Identity(name="测试人甲", phone="13900000000"),
            secrets=code,
        )
        received = receive_tip(session, submission, REPORTER, now())
        drafts.finish(session, draft)
    with transaction() as session:
        mine = reporter.open_own(session, code.tag, code.mailbox)
        reporter.reply(session, mine, "还有一件事。", (), now())
        reporter.report_pressure(session, mine, "有人打电话。", now())
        reporter.withdraw(session, mine, now())
    with transaction() as session:
        seen = reporter.view(session, reporter.open_own(session, code.tag, code.mailbox))
    assert seen.report.words == "虚构住院。"
    assert [letter.body.text for letter in seen.letters if letter.body.text] == ["还有一件事。", "有人打电话。"]
    bind(postgresql_database)
    assert world.tip(received.number).pressured
