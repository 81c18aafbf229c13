"""The public application: the web layer, then one blueprint a feature. It holds no key of ours."""

from __future__ import annotations

from flask import Flask

from portal import web
from portal.config import Settings, refuse_inner_material, refuse_weak
from portal.directory.keyviews import blueprint as ledger
from portal.disclosures.data_views import blueprint as fund_data
from portal.disclosures.views import blueprint as fund
from portal.exposures.data_views import blueprint as exposure_data
from portal.exposures.teaching_views import blueprint as teaching
from portal.exposures.views import blueprint as exposures
from portal.followup.following import followup
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from portal.kernel.transaction import bind
from portal.pages.views import blueprint as pages
from portal.rewards.views import blueprint as rewards
from portal.statistics.data_views import blueprint as figures_data
from portal.statistics.views import blueprint as figures
from portal.tips.reporting import report, seal_uploads
from portal.web.application import Application


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The public site for *settings*. Raises BadSettings when it is weak, or sees a key of the staff side.

    ``database``: one that is open already (tests); else the one that the settings name.
    """
    refuse_weak(settings)
    refuse_inner_material(settings)
    bind_site(settings.site)
    bind(database or Database.open(settings.database_url, settings.shred_url, settings.sessions_url))
    app = Application("portal", static_folder=None)
    seal_uploads(app)
    web.init_app(app, settings.web())
    for blueprint in (pages, report, ledger, followup, rewards, exposure_data, exposures, teaching, fund_data, fund,
                      figures_data, figures):  # fmt: skip
        app.register_blueprint(blueprint)
    return app
