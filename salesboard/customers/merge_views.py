"""Two customers that are one: compared side by side, merged, and parted again."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.addresses import plain
from salesboard.customers.blueprint import customers
from salesboard.customers.comparing import Compared, MergeForm, compare, merge_form
from salesboard.customers.merge_wording import merge_words
from salesboard.customers.merging import Merge
from salesboard.customers.models import Customer
from salesboard.customers.queries import customer_shown
from salesboard.customers.twins import name_of, twins_of
from salesboard.database import db, writing
from salesboard.deals.of_customers import deals_of, follow_merge, has_any_deal
from salesboard.documents.queries import documents_of
from salesboard.errors import Conflict, Refused
from salesboard.fields import PageForm, Version
from salesboard.followups.of_customers import count_events
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]


class UndoForm(PageForm):
    """The version of the customer that the page of a merge was opened on."""

    version = Version()


@customers.get("/customers/<number>/merge")
@allow(*WRITERS)
def find_other(number: str) -> Answered:
    """Asks for the number of the customer that is the same; with one in the address, leads to the comparison."""
    shown, asked = found(customer_shown(number)), plain(request.args.get("other", ""), 40).upper()
    other = customer_shown(asked) if asked else None
    if other is not None and other.id != shown.id:
        return redirect(url_for("customers.merge", number=number, other=other.number), HTTPStatus.SEE_OTHER)
    return render("customers/merge_find.html", customer=shown, asked=asked)


@customers.route("/customers/<number>/merge/<other>", methods=["GET", "POST"])
@allow(*WRITERS)
def merge(number: str, other: str) -> Answered:
    """Both side by side, and from the choice of facts the one that is left. `other` is the one that goes."""
    kept, gone = _two(number, other)
    lines = _lines(kept, gone)
    if request.method == "GET":
        versions = {"version": kept.version, "other_version": gone.version}
        return _compare_page(merge_form(lines, **versions), lines, kept, gone)
    form = merge_form(lines)
    if not form.validate():
        return _compare_page(form, lines, kept, gone), HTTPStatus.UNPROCESSABLE_ENTITY
    versions_then = form.version.data, form.other_version.data
    try:
        with writing():
            kept, gone = _held(number, other)
            picks, by = form.picks(lines), current_sign_in().user
            made = Merge.carry_out(kept, gone, picks, by=by, now=clock.now(), expected_versions=versions_then)
            follow_merge(kept)
    except Conflict as conflict:
        kept, gone = _two(number, other)
        form.version.raw_data, form.other_version.raw_data = [str(kept.version)], [str(gone.version)]
        lines = _lines(kept, gone)
        again = merge_form(lines)
        again.version.raw_data, again.other_version.raw_data = (
            form.version.raw_data,
            form.other_version.raw_data,
        )
        return _compare_page(again, lines, kept, gone, conflict), HTTPStatus.CONFLICT
    flash(_("Merged. Everything of %(number)s is here now.", number=other), "done")
    return redirect(url_for("customers.merged", number=kept.number, merge_id=made.id), HTTPStatus.SEE_OTHER)


@customers.get("/customers/<number>/merges/<int(max=2147483647):merge_id>")
@allow(*WRITERS)
def merged(number: str, merge_id: int) -> str:
    """What a merge chose and moved, what was done since, and the way back."""
    return _merge_page(_merge_of(number, merge_id))


@customers.post("/customers/<number>/merges/<int(max=2147483647):merge_id>/undo")
@allow(*WRITERS)
def undo_merge(number: str, merge_id: int) -> Answered:
    """Parts the two again; what was done since stays."""
    form = UndoForm()
    made = _merge_of(number, merge_id)
    if not form.validate():
        return _merge_page(made), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Customer.locked(number))
            made = _merge_of(number, merge_id)
            made.undo(by=current_sign_in().user, now=clock.now(), expected_version=form.version.data)
            follow_merge(held, made.loser)
    except Conflict as conflict:
        return _merge_page(_merge_of(number, merge_id), conflict), HTTPStatus.CONFLICT
    flash(_("Parted again: %(one)s and %(other)s.", one=number, other=made.loser.number))
    return redirect(url_for("customers.merged", number=number, merge_id=merge_id), HTTPStatus.SEE_OTHER)


def _two(number: str, other: str) -> tuple[Customer, Customer]:
    kept, gone = found(customer_shown(number)), found(customer_shown(other))
    return kept, found(gone if gone.id != kept.id else None)


def _held(number: str, other: str) -> tuple[Customer, Customer]:
    """Both, held against other writers, always in the same order."""
    by_number = {each: found(Customer.locked(each)) for each in sorted({number, other})}
    return by_number[number], by_number[other]


def _lines(kept: Customer, gone: Customer) -> list[Compared]:
    return compare(kept, gone, with_status=not has_any_deal(kept, gone))


def _merge_of(number: str, merge_id: int) -> Merge:
    made: Merge = found(db.session.scalar(db.select(Merge).where(Merge.id == merge_id)))
    return found(made if made.survivor.number == number else None)


def _compare_page(
    form: MergeForm, lines: list[Compared], kept: Customer, gone: Customer, conflict: Refused | None = None
) -> str:
    twins = twins_of(gone.contacts, kept.contacts)
    names = {person.id: person.name for person in kept.contacts}
    here = {name_of(person) for person in kept.contacts}
    coming = [person for person in gone.contacts if person.id not in twins]
    return render(
        "customers/merge.html",
        form=form,
        lines=lines,
        customer=kept,
        other=gone,
        conflict=conflict,
        coming=coming,
        namesakes=[person.name for person in coming if name_of(person) in here],
        doubled=[(person.name, names[twins[person.id]]) for person in gone.contacts if person.id in twins],
        deals=deals_of(gone),
        notes=count_events(gone),
        papers=documents_of(gone),
    )


def _merge_page(made: Merge, conflict: Refused | None = None) -> str:
    return render("customers/merged.html", merge=made, conflict=conflict, told=merge_words(made))
