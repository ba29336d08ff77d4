"""A file that knows a customer by what was merged into another; the undo of an import whose customers were merged."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.customers.merging import Merge
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.exchange import running
from salesboard.exchange.undoing import take_back
from tests.domain.exchange.bringing import begin_with, confirmed, try_out
from tests.standing import People, make_customer


def merged(survivor: Customer, loser: Customer, people: People) -> None:
    with acting_as(people.owner.viewer()), writing():
        kept, gone = (db.session.get_one(Customer, each.id) for each in (survivor, loser))
        versions = kept.version, gone.version
        Merge.carry_out(kept, gone, {}, by=people.owner, now=clock.now(), expected_versions=versions)


def brought_in(content: str, people: People) -> object:
    done = confirmed(try_out(begin_with("old.csv", content.encode(), by=people.owner)))
    with acting_as_system("a test brings in"):
        running.bring_in(done)
    return done


def names() -> list[str]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return sorted(db.session.scalars(select(Customer.name)))


def test_the_old_file_brings_no_double_back(app: Flask, people: People) -> None:
    one, other = make_customer(people.owner, "Paper Works"), make_customer(people.owner, "Card Works")
    merged(one, other, people)
    brought_in(f"客户编号,客户名称,所属行业\n{other.number},Card Works,Paper\n,Card Works,Paper\n", people)
    assert names() == ["Paper Works"]


def test_a_number_that_was_merged_away_is_not_given_again(app: Flask, people: People) -> None:
    one, other = make_customer(people.owner, "Paper Works"), make_customer(people.owner, "Card Works")
    merged(one, other, people)
    brought_in(f"客户编号,客户名称,所属行业\n{other.number},Quite Another,Paper\n", people)
    assert names() == ["Paper Works", "Quite Another"]


def test_an_undo_of_the_import_leaves_those_who_were_merged(app: Flask, people: People) -> None:
    done = brought_in("客户名称,所属行业\nPaper Works,Paper\nCard Works,Paper\nTin Works,Tin\n", people)
    with acting_as_system("a test looks"):
        found = {each.name: each for each in db.session.scalars(select(Customer))}
    merged(found["Paper Works"], found["Card Works"], people)
    kept = take_back(done)  # type: ignore[arg-type]
    assert sorted(each["name"] for each in kept) == ["Card Works", "Paper Works"]
    assert names() == ["Paper Works"]
