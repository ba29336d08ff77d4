"""What the migrations make is what the models say; an upgrade keeps every row, and nothing goes backwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from pysqlite3 import dbapi2
from sqlalchemy import CheckConstraint, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from salesboard import clock, create_app, crypto
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.custom_fields import CustomField
from salesboard.customers.rules import name_key
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.errors import Refused
from salesboard.exchange.models import Import
from salesboard.exchange.shapes import ImportShape
from salesboard.notify.models import Reminder
from salesboard.notify.morning import task_reminder
from salesboard.notify.rules import ReminderKind
from salesboard.ops.demo import fill
from salesboard.ops.invented_work import InventedWork
from salesboard.ops.keys import broken_seals
from salesboard.ops.upgrade import SchemaState, bring_up_to_date, ensure_schema, read_schema
from salesboard.ops.verify import inspect_database
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState
from tests.conftest import make_settings
from tests.standing import People, make_deal

ROOT = Path(__file__).parents[2]
HEAD = max(path.name for path in (ROOT / "salesboard/migrations/versions").glob("0*.py")).partition("_")[0]
"""The newest migration."""
BEFORE_HOUSEKEEPING = "0011"
NEXT_MIGRATION = '''"""one more column"""

import sqlalchemy as sa
from alembic import op

revision = "zz_next"
down_revision = "{head}"


def upgrade():
    op.add_column("customers", sa.Column("nickname", sa.String(40)))


def downgrade():
    op.drop_column("customers", "nickname")
'''


def test_migrated_schema_equals_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_every_check_of_the_models_is_in_the_database(app: Flask) -> None:
    inspector = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        of_model = [str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)]
        in_database = [str(check["name"]) for check in inspector.get_check_constraints(table.name)]
        assert sorted(in_database) == sorted(of_model), table.name


def test_the_database_itself_refuses_a_second_open_stay(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    again = select(Placement.__table__).where(Placement.deal_id == deal.id)
    with db.engine.begin() as connection:
        stay = dict(connection.execute(again).mappings().one())
        note = connection.scalar(text("SELECT max(id) FROM followups"))
        assert stay["followup_id"] == note
    del stay["id"]
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(Placement.__table__.insert(), stay)


@contextmanager
def fresh_postgresql(url: str, name: str) -> Iterator[str]:
    """The address of a new, empty database on the same server."""
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def own_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """Makes applications on one database that is empty at first, as one version after another would open it."""
    engines = []

    def opened(url: str | None) -> Flask:
        app = create_app(make_settings(tmp_path / "data", url))
        with app.app_context():
            engines.append(db.engine)
        return app

    if request.param == "sqlite":
        yield lambda: opened(None)
    else:
        with fresh_postgresql(request.getfixturevalue("postgresql_url"), "salesboard_upgraded") as url:
            yield lambda: opened(url)
            for engine in engines:
                engine.dispose()


def know_one_more_migration(app: Flask, folder: Path) -> None:
    """The application as its next version would be."""
    shutil.copytree(ROOT / "salesboard" / "migrations", folder)
    (folder / "versions" / "zz_next.py").write_text(NEXT_MIGRATION.format(head=HEAD))
    app.extensions["migrate"].directory = str(folder)


def counted() -> tuple[int, int, int]:
    with acting_as_system("a test counts"):
        worth = db.session.scalar(select(func.sum(Deal.worth)))
        deals = db.session.scalar(select(func.count(Deal.id)))
        stays = db.session.scalar(select(func.count(Placement.id)))
    db.session.rollback()
    return deals or 0, stays or 0, int(worth or 0)


def test_an_empty_database_gets_its_tables(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    with app.app_context():
        assert read_schema(app).state is SchemaState.EMPTY
        ensure_schema(app)
        assert read_schema(app).state is SchemaState.CURRENT
        assert bring_up_to_date(app) is None


def test_an_upgrade_keeps_every_row_and_takes_a_copy(own_app: Callable[[], Flask], tmp_path: Path) -> None:
    app = own_app()
    with app.app_context():
        ensure_schema(app)
        fill(30)
        before = counted()
        db.session.remove()
        know_one_more_migration(app, tmp_path / "migrations")
        with pytest.raises(Refused, match="salesboard db upgrade"):
            ensure_schema(app)
        done = bring_up_to_date(app)
        assert done is not None
        assert done.to_revision == "zz_next"
        assert "nickname" in {column["name"] for column in inspect(db.engine).get_columns("customers")}
        assert counted() == before
        assert inspect_database().findings == []
        db.session.remove()
    if app.config["SETTINGS"].is_sqlite:
        assert done.copy is not None
        assert done.copy.stat().st_mode & 0o077 == 0
        with closing(dbapi2.connect(str(done.copy))) as copy:
            assert copy.execute("SELECT count(*), sum(worth) / 100 FROM deals").fetchone() == (
                before[0],
                before[2],
            )
            assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (done.from_revision,)


def test_an_older_version_refuses_a_newer_database(own_app: Callable[[], Flask], tmp_path: Path) -> None:
    newer = own_app()
    with newer.app_context():
        know_one_more_migration(newer, tmp_path / "migrations")
        bring_up_to_date(newer)
        db.engine.dispose()
    older = own_app()
    with older.app_context():
        for act in (ensure_schema, bring_up_to_date):
            with pytest.raises(Refused, match="newer salesboard"):
                act(older)
        assert read_schema(older).revision == "zz_next"


def test_somebody_elses_tables_are_left_alone(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
        with pytest.raises(Refused, match="not salesboard's"):
            ensure_schema(app)
        assert inspect(db.engine).get_table_names() == ["theirs"]


def test_two_that_upgrade_at_once_do_it_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "salesboard", "db", "upgrade"]
    environment = {"SALESBOARD_DATA": str(tmp_path), "PATH": ""}
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in "ab"
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said == ["up to date, nothing to do", f"upgraded from an empty database to {HEAD}"]


def test_what_came_after_the_first_tables_can_be_taken_away_and_brought_again(
    own_app: Callable[[], Flask],
) -> None:
    app, needs = own_app(), text("SELECT text FROM customer_needs ORDER BY customer_id, position")
    with app.app_context():
        upgrade()
        fill(5)
        before = counted()
        with db.engine.connect() as connection:
            told = list(connection.scalars(needs))
        downgrade(revision="0001")
        assert {"exports", "customer_needs", "field_changes"}.isdisjoint(inspect(db.engine).get_table_names())
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT needs FROM customers WHERE id = 1"))
        upgrade()
        assert counted() == before
        with db.engine.connect() as connection:
            assert list(connection.scalars(needs)) == told


def test_custom_fields_come_and_go_and_leave_the_rest_as_it_was(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    with app.app_context():
        upgrade(revision="0002")
        with db.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO number_series (letter, day, last) VALUES ('C', '20260512', 7)")
            )
        for _time in range(2):
            upgrade()
            field = {"name": "Grade", "name_key": "grade", "kind": "text", "subject": "customer"}
            with db.engine.begin() as connection:
                connection.execute(
                    CustomField.__table__.insert(),
                    {**field, "position": 1, "created_at": clock.now(), "changed_at": clock.now()},
                )
            downgrade(revision="0002")
            assert "custom_fields" not in inspect(db.engine).get_table_names()
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT last FROM number_series")) == 7


def test_what_an_import_left_outlives_its_new_choice_and_back(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    with app.app_context():
        upgrade(revision="0007")
        leave_an_import()
        for go in (lambda: downgrade(revision="0006"), upgrade):
            go()
            with db.engine.connect() as connection:
                told = connection.execute(text("SELECT on_duplicate FROM imports")).scalars().all()
                kept = [connection.scalar(text(f"SELECT count(*) FROM {child}")) for child in A_CHILD]
            assert (told, kept) == (["update"], [1, 1])


def test_an_upgrade_looks_up_the_words_that_are_there_and_those_that_come(
    own_app: Callable[[], Flask],
) -> None:
    app, parts = own_app(), text("SELECT count(*) FROM customer_search_parts")
    with app.app_context():
        upgrade()
        fill(5)
        with db.engine.connect() as connection:
            kept = connection.scalar(parts)
        db.session.remove()
        for _time in range(2):
            downgrade(revision="0023")
            upgrade()
        with db.engine.begin() as connection:
            assert connection.scalar(parts) == kept
            connection.execute(text("UPDATE deals SET search_text = search_text || ' x' WHERE id = 1"))
            connection.execute(text("UPDATE deals SET search_text = substr(search_text, 3) WHERE id = 2"))
        assert "search-parts" not in {finding.name for finding in inspect_database().findings}


def test_what_imports_repeat_of_their_files_is_sealed_by_the_upgrade_and_open_again_after_it_is_taken_back(
    own_app: Callable[[], Flask],
) -> None:
    app = own_app()
    columns = [("imports", name) for name in ("options", "strangers", "words", "people", "error")]
    columns.append(("import_shapes", "said"))
    with app.app_context():
        upgrade(revision="0008")
        leave_an_import()
        said = json.dumps([{"said": "Quail Works"}])
        with db.engine.begin() as connection:
            connection.execute(text(A_SHAPE))
            for table, name in columns:
                connection.execute(text(f"UPDATE {table} SET {name} = :said"), {"said": said})
            for name in ("sheets", "warnings"):  # these were sealed from the first
                sealed = crypto.ring().seal(b"[]", f"imports.{name}")
                connection.execute(text(f"UPDATE imports SET {name} = :sealed"), {"sealed": sealed})
        upgrade()
        with db.engine.connect() as connection:
            lying = [bytes(connection.scalar(text(f"SELECT {name} FROM {table}"))) for table, name in columns]
            kept = [connection.scalar(text(f"SELECT count(*) FROM {child}")) for child in A_CHILD]
        assert (b"Quail" in b"".join(lying), kept) == (False, [1, 1])
        with acting_as_system("a test looks"):
            brought, shape = (
                db.session.scalars(select(Import)).one(),
                db.session.scalars(select(ImportShape)).one(),
            )
            read = [getattr(brought if table == "imports" else shape, name) for table, name in columns]
        assert read == [json.loads(said)] * len(columns)
        assert list(broken_seals()) == []
        db.session.remove()
        downgrade(revision="0008")
        with db.engine.connect() as connection:
            back = [
                connection.scalar(text(f"SELECT CAST({name} AS TEXT) FROM {table}"))
                for table, name in columns
            ]
        assert [json.loads(each) for each in back] == read


def leave_an_import() -> None:
    """An import, a row of it and a trace, as they stood before such were sealed."""
    with db.engine.begin() as connection:
        connection.execute(text(AN_IMPORT))
        for child in A_CHILD.values():
            connection.execute(text(child))


A_SHAPE = (
    """INSERT INTO import_shapes (id, digest, said, made_at) VALUES (1, 'd', '{}', '2026-05-03 00:00:00')"""
)


def test_reminders_outlive_their_new_kinds_and_back(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    reminder = (
        "INSERT INTO reminders (person_id, kind, {of}day, details, created_at) SELECT min(users.id), {values}"
    )
    common = "'2026-05-04', '{}', '2026-05-04 00:00:00' FROM users, deals"
    with app.app_context():
        upgrade()
        fill(5)
        downgrade(revision=BEFORE_HOUSEKEEPING)
        with db.engine.begin() as connection:
            values = f"'step_late', min(deals.id), {common}"
            connection.execute(text(reminder.replace("{of}", "deal_id, ").replace("{values}", values)))
        upgrade()
        with db.engine.begin() as connection:
            values = f"'access_review', {common}"
            connection.execute(text(reminder.replace("{of}", "").replace("{values}", values)))
            assert connection.scalar(text("SELECT count(*) FROM reminders")) == 2
        downgrade(revision=BEFORE_HOUSEKEEPING)
        with db.engine.connect() as connection:
            assert list(connection.scalars(text("SELECT kind FROM reminders"))) == ["step_late"]
        upgrade()
        with db.engine.connect() as connection:
            assert list(connection.scalars(text("SELECT kind FROM reminders"))) == ["step_late"]


def test_tasks_and_what_belongs_to_them_outlive_measures_and_back(own_app: Callable[[], Flask]) -> None:
    kept = {
        table: f"SELECT count(*), min(id), max(id) FROM {table}{where}"
        for table, where in {
            "tasks": " WHERE kind <> 'measure'",
            "task_postponements": "",
            "reminders": " WHERE task_id IS NOT NULL",
        }.items()
    }

    def rows() -> dict[str, tuple[int, ...]]:
        with db.engine.connect() as connection:
            return {table: tuple(connection.execute(text(count)).one()) for table, count in kept.items()}

    app = own_app()
    with app.app_context():
        upgrade()
        fill(30)
        with acting_as_system("a test prepares"), writing():
            now, person = clock.now(), db.session.scalars(select(User).order_by(User.id)).first()
            assert person is not None
            task = db.session.scalars(select(Task).where(Task.state == TaskState.OPEN)).first()
            assert task is not None
            later = task.due_on + timedelta(days=400)
            task.postpone(later, "A fair", by=person, now=now, expected_version=task.version)
            facts = {"customer": None, "deal": None, "owner": person, "due_on": later}
            Task.set("A measure", kind=TaskKind.MEASURE, by=person, now=now, **facts)
            told = task_reminder(task, ReminderKind.TASK_LATE, later, now)
            Reminder.give([told], now=now)
        before = rows()
        assert all(count for count, *_ends in before.values())
        db.session.remove()
        downgrade(revision="0032")
        assert rows() == before
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM tasks WHERE customer_id IS NULL")) == 0
            names = {index["name"] for index in inspect(connection).get_indexes("tasks")}
            assert {"uq_tasks_open_step", "ix_tasks_owner_id_state_due_on"} <= names
        upgrade()
        assert rows() == before
        assert inspect_database().findings == []
        with db.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []
            assert names == {index["name"] for index in inspect(connection).get_indexes("tasks")}


AN_IMPORT = """INSERT INTO imports (id, file_name, file_key, state, options, on_duplicate, owners, sheets, counts,
    warnings, strangers, words, people, has_changed, kept, done, total, requested_at)
    VALUES (1, 'a.csv', 'k', 'done', '{}', 'fill', 'match', '[]', '{}', '[]', '[]', '[]', '[]', false, '[]', 0, 0,
    '2026-05-03 00:00:00')"""
A_CHILD = {
    "import_rows": "INSERT INTO import_rows (id, import_id, sheet, row, kind, fate, label) "
    "VALUES (1, 1, 's', 2, 'customers', 'create', 'x')",
    "import_traces": "INSERT INTO import_traces (id, import_id, kind, record_id, version) "
    "VALUES (1, 1, 'customer', 1, 1)",
}


def test_an_upgrade_gives_names_the_key_that_both_scripts_share(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    with app.app_context():
        upgrade()
        fill(5)
        downgrade(revision="0007")
        with db.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE customers SET name = '遠山建材有限公司', name_key = '遠山建材有限公司' WHERE id = 1"
                )
            )
        upgrade()
        with db.engine.connect() as connection:
            keys = connection.execute(text("SELECT name, name_key FROM customers ORDER BY id")).all()
    assert keys[0] == ("遠山建材有限公司", "远山建材有限公司")
    assert all(name_key(name)[:200] == key for name, key in keys)


def test_an_upgrade_chains_the_follow_ups_that_are_there_as_they_would_have_been(
    own_app: Callable[[], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = own_app()
    for later in ("_object", "_correct"):  # what the earlier tables have no room for
        monkeypatch.setattr(InventedWork, later, lambda *_given: None)
    links = text("SELECT position, kind, number, said, digest FROM followup_links ORDER BY position")
    with app.app_context():
        upgrade()
        fill(5)
        with db.engine.connect() as connection:
            chained = connection.execute(links).all()
        downgrade(revision="0010")
        upgrade()
        with db.engine.connect() as connection:
            assert connection.execute(links).all() == chained
        assert inspect_database().findings == []


def test_an_objection_becomes_a_row_and_a_column_again_and_the_chain_fits(
    own_app: Callable[[], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = own_app()
    for later in ("_object", "_correct"):  # what the earlier tables have no room for
        monkeypatch.setattr(InventedWork, later, lambda *_given: None)
    rows = text("SELECT followup_id, text, told, state FROM objections ORDER BY followup_id")
    with app.app_context():
        upgrade()
        fill(5)
        downgrade(revision="0010")
        with db.engine.begin() as connection:
            said = "UPDATE followups SET objection = :words, objection_state = :state WHERE id = :id"
            connection.execute(text(said), {"words": "Too dear", "state": "answered", "id": 2})
            connection.execute(text(said), {"words": "Too slow\nand loud", "state": "raised", "id": 3})
        for _time in range(2):
            upgrade()
            with db.engine.connect() as connection:
                assert connection.execute(rows).all() == [
                    (2, "Too dear", "answered", "answered"),
                    (3, "Too slow\nand loud", "raised", "raised"),
                ]
            assert inspect_database().findings == []
            db.session.remove()
            downgrade(revision="0018")
        upgrade()


def test_reminders_of_dates_go_with_their_kinds_and_the_others_stay(own_app: Callable[[], Flask]) -> None:
    app = own_app()
    given = text(
        "INSERT INTO reminders (person_id, kind, deal_id, day, details, created_at)"
        " VALUES (1, :kind, 1, '2026-03-20', '{}', '2026-03-20 00:00:00')"
    )
    with app.app_context():
        upgrade()
        fill(5)
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM reminders"))
            for kind in ("payment_due", "renewal_near", "step_late"):
                connection.execute(given, {"kind": kind})
        db.session.remove()
        downgrade(revision="0033")
        with db.engine.connect() as connection:
            assert connection.scalars(text("SELECT kind FROM reminders")).all() == ["step_late"]
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(given, {"kind": "payment_due"})
        upgrade()
        with db.engine.begin() as connection:
            connection.execute(given, {"kind": "payment_due"})


def test_promises_become_words_again_and_earlier_notes_keep_their_digests(
    own_app: Callable[[], Flask],
) -> None:
    app = own_app()
    promised = text("SELECT promised FROM followups WHERE id = 2")
    with app.app_context():
        upgrade()
        fill(5)
        downgrade(revision="0025")
        upgrade()
        assert inspect_database().findings == []
        db.session.remove()  # a transaction that has only read would keep the tables from being altered
        with db.engine.begin() as connection:
            for place, what in ((1, "Figures"), (2, "An answer")):
                row = {"place": place, "what": what}
                connection.execute(
                    text(
                        "INSERT INTO promises (followup_id, position, what, state, version)"
                        " VALUES (2, :place, :what, 'open', 1)"
                    ),
                    row,
                )
        downgrade(revision="0025")
        with db.engine.connect() as connection:
            assert connection.scalar(promised) == "Figures\nAn answer"
        upgrade()
