"""Which blueprints there are. The one place, beside `create_app`, that imports views."""

from __future__ import annotations

from flask import Flask


def register_blueprints(app: Flask) -> None:
    # importing the views attaches their routes to the concept's blueprint
    from salesboard.accounts import admin_views, calendar_views, settings_views, setup_views, views  # noqa: F401
    from salesboard.accounts.blueprint import accounts
    from salesboard.customers import (  # noqa: F401
        archive_views,
        bulk_views,
        check_views,
        column_views,
        contact_views,
        custom_views,
        double_views,
        fact_views,
        housekeeping_views,
        merge_views,
        saved_view_views,
    )
    from salesboard.customers import list_views as customer_list_views  # noqa: F401
    from salesboard.customers import views as customer_views  # noqa: F401
    from salesboard.customers.blueprint import customers
    from salesboard.deals import (  # noqa: F401
        board_views,
        closing_views,
        deal_views,
        lead_views,
        list_views,
        moving_views,
        sharing_views,
        stage_views,
    )
    from salesboard.deals.blueprint import deals
    from salesboard.documents.views import documents
    from salesboard.exchange import report_views  # noqa: F401
    from salesboard.exchange.export_views import exports
    from salesboard.exchange.template_views import import_templates
    from salesboard.exchange.views import exchange
    from salesboard.followups import (  # noqa: F401
        correction_views,
        objection_views,
        promise_views,
        with_customer_views,
    )
    from salesboard.followups.views import followups
    from salesboard.insight import (  # noqa: F401
        conclusion_views,
        dashboard_views,
        plan_views,
        rows_views,
        schedule_views,
        target_views,
        team_views,
    )
    from salesboard.insight import views as insight_views  # noqa: F401
    from salesboard.insight.blueprint import insight
    from salesboard.notify import channel_views, delivery_views  # noqa: F401
    from salesboard.notify import views as notify_views  # noqa: F401
    from salesboard.notify.blueprint import notify
    from salesboard.ops import admin_views as ops_admin_views  # noqa: F401
    from salesboard.ops import audit_views, leaving_views  # noqa: F401
    from salesboard.ops.blueprint import administration
    from salesboard.ops.views import health
    from salesboard.service import payment_views, voice_views  # noqa: F401
    from salesboard.service.blueprint import service
    from salesboard.tasks import day_views, feed_views, node_views, rhythm_views  # noqa: F401
    from salesboard.tasks.views import tasks

    for blueprint in (
        accounts,
        customers,
        deals,
        documents,
        exchange,
        exports,
        import_templates,
        followups,
        insight,
        notify,
        service,
        tasks,
        administration,
        health,
    ):
        app.register_blueprint(blueprint)
