"""The staff application: the web layer, the gate, then one blueprint a feature."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import FileSystemLoader

import portal
from admin.accounts.founding_views import blueprint as staff
from admin.accounts.key_views import blueprint as keys
from admin.accounts.signin_views import blueprint as signin
from admin.audit.views import blueprint as audit
from admin.config import StaffSettings, refuse_weak_staff
from admin.custody.board_views import blueprint as seats
from admin.custody.views import blueprint as custody
from admin.dashboard.views import blueprint as dashboard
from admin.directory.views import blueprint as directory
from admin.disclosures.promise_views import blueprint as promises
from admin.disclosures.upload_views import blueprint as disclosure_files
from admin.disclosures.views import blueprint as disclosures
from admin.evaluation.circular_views import blueprint as evaluation_circulars
from admin.evaluation.views import blueprint as evaluation
from admin.exposures.circular_views import blueprint as circulars
from admin.exposures.draft_views import blueprint as drafts
from admin.exposures.gate_views import blueprint as gates
from admin.exposures.issue_views import blueprint as issues
from admin.exposures.record_views import blueprint as case_records
from admin.exposures.review_views import blueprint as reviews
from admin.exposures.teaching_views import blueprint as teaching
from admin.exposures.way_views import blueprint as ways
from admin.payments.batch_views import blueprint as payments
from admin.payments.release_views import blueprint as releases
from admin.retention.views import blueprint as retention
from admin.rewards.schedules_views import blueprint as schedules
from admin.rewards.views import blueprint as rewards
from admin.staff.vault import Vault
from admin.statistics.views import blueprint as bulletins
from admin.tips.case_views import blueprint as tips
from admin.tips.file_views import blueprint as files
from admin.tips.queue_views import blueprint as queue
from admin.tips.record_views import blueprint as record
from admin.web import altered, guard, navigation, stepup
from portal import web
from portal.attachments.upload import SealingRequest
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from portal.kernel.transaction import bind
from portal.web.application import Application

OF_THE_WEB_LAYER = frozenset({"leaving", "preferences"})
"""Blueprints that come with the web layer and show nothing of ours: open to anyone."""

MOST_TYPED = 4 * 1024 * 1024
"""Bytes of a form without its files."""

TEMPLATES = Path(__file__).parent / "templates"
SHARED_TEMPLATES = Path(portal.__file__).parent / "templates"


def create_app(settings: StaffSettings, database: Database | None = None) -> Flask:
    """The staff site for *settings*. Raises BadSettings when it is weak.

    ``database``: one that is open already (tests); else the one that the settings name.
    """
    refuse_weak_staff(settings)
    shared = settings.shared
    bind_site(shared.site)
    bind(database or Database.open(shared.database_url, shared.shred_url, shared.sessions_url))
    app = Application("admin", static_folder=None)
    app.jinja_loader = FileSystemLoader([TEMPLATES, SHARED_TEMPLATES])  # ours first, then the shared components
    app.extensions["mingjing_vault"] = Vault(settings.passphrase_pepper, settings.passphrase_cost)
    app.extensions["mingjing_passkeys"] = settings.passkeys
    app.extensions["mingjing_rendering"] = settings.rendering
    app.request_class = SealingRequest
    web.init_app(app, settings.web())
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_TYPED  # a text that is too long comes back whole, to be shortened
    for blueprint in (signin, queue, tips, files, custody, seats, payments, releases, rewards, schedules, retention,
                      case_records, gates, drafts, ways, reviews, issues, circulars, teaching,
                      disclosures, disclosure_files, promises, dashboard, evaluation, evaluation_circulars, bulletins,
                      record, staff, keys, directory, audit):  # fmt: skip
        app.register_blueprint(blueprint)
    guard.open_to_anyone(app, OF_THE_WEB_LAYER)
    guard.init_guard(app)
    altered.init_app(app)
    navigation.init_app(app)
    stepup.init_app(app)
    return app
