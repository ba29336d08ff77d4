"""A board on which something of everything stands: deals in every stage, notes, people, reports, reminders, work."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from salesboard import clock, files, outbox
from salesboard.access import Role, acting_as_system
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.links import AccessLink
from salesboard.accounts.models import SignIn, Team, User
from salesboard.customers.apart import NotDuplicate
from salesboard.customers.checks import SpotCheck
from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.custom_values import set_values
from salesboard.customers.housekeeping import Tidying
from salesboard.customers.housekeeping_rules import Act, Proposal
from salesboard.customers.merging import Merge
from salesboard.customers.models import Customer
from salesboard.customers.rules import ContactRole, CustomerStatus, LostReason
from salesboard.customers.saved import ListKind, SavedView
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.documents.models import Document, Kept
from salesboard.documents.rules import DocumentKind
from salesboard.exchange import running
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import HandedOver, Note, ObjectionState, PromiseTold, Side, TookPart
from salesboard.insight.attainment import TargetMetric
from salesboard.insight.evaluation import evaluate
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.insight.targets import Change, Target
from salesboard.installation import CalendarDay, installation
from salesboard.notify.models import Reminder
from salesboard.notify.morning import find_reminders, give_reminders
from salesboard.ops.leaving import HandOver
from salesboard.outbox import Work, WorkState
from salesboard.service.complaints import Complaint, ComplaintKind
from salesboard.service.models import Instalment, Payment
from salesboard.service.satisfaction import Satisfaction
from salesboard.tasks.models import Task
from tests.domain.exchange.bringing import begin_with, confirmed, try_out
from tests.standing import People, make_customer, make_deal
from tests.telling import channels_of

Subjects = dict[str, object]
"""What stands in routes' addresses, by the name it has there; the rest for what shares one."""


def furnish(people: People) -> Subjects:
    """Fills the board around its standing people; the answer names one thing of each kind, all of them the owner's."""
    now, today = clock.now(), installation().today
    customer = make_customer(
        people.owner, industry="Packaging", region="Hangzhou", source="Fair", needs="Less waste\nLess heat"
    )
    long_ago, long_ago_at = today - timedelta(days=60), now - timedelta(days=60)
    deals = [
        make_deal(people.owner, stage, name=f"Line {stage.position}", customer=customer, entered_on=long_ago)
        for stage in Stage
    ]
    lost = make_deal(people.owner, Stage.PROPOSAL, name="A lost line", customer=customer, lost=True)
    beside = make_deal(people.owner, Stage.INTENT, name="Another line", customer=customer)
    make_deal(
        people.teammate, Stage.INTENT, name="Tom's line", customer=make_customer(people.teammate, "Trilobite")
    )
    make_deal(
        people.outsider, Stage.LEAD, name="Oscar's line", customer=make_customer(people.outsider, "Far Away")
    )
    twins = [
        make_customer(people.owner, name) for name in ("Twin Works", "Twin Works", "Twin Mills", "Twin Mills")
    ]
    with acting_as_system("a test prepares"), writing():
        NotDuplicate.say(
            [db.session.get_one(Customer, twin.id) for twin in twins[2:]], by=people.owner, now=now
        )
        pair = [
            Customer.register(name, owner=people.owner, by=people.owner, now=now, day=today)
            for name in ("Pair", "Pair Ltd")
        ]
        merge = Merge.carry_out(pair[0], pair[1], {}, by=people.owner, now=now, expected_versions=(1, 1))
        deal = db.session.get_one(Deal, deals[1].id)
        deal.share_with(people.collaborator, by=people.owner, now=now)
        held = db.session.get_one(Customer, customer.id)
        contact = held.add_contact(
            by=people.owner,
            now=now,
            expected_version=held.version,
            name="Cleo Contact",
            title="Buyer",
            role=ContactRole.DECISION_MAKER,
            phone="0571 88886666",
            email="cleo@example.com",
            wechat="cleo-paper",
        )
        view = SavedView.keep(ListKind.CUSTOMERS, "A view", "level=key", team=None, by=people.admin, now=now)
        checks = SpotCheck.draw(people.admin, day=today, how_many=1, now=now)
        won = db.session.get_one(Deal, deals[Stage.WON.position].id)
        lines = [Instalment(None, "Advance", long_ago, Decimal(30_000))]
        Payment.plan(won, lines, by=people.owner, now=now)
        payment = Payment.of(won)[0]
        receipt = payment.receive(Decimal(10_000), today, by=people.owner, now=now, expected_version=1)
        score = {"score": 4, "delivery": "Acceptance", "day": today, "words": "Quieter than before"}
        satisfaction = Satisfaction.tell(won, by=people.owner, now=now, **score)
        came = {"kind": ComplaintKind.COMPLAINT, "words": "The door sticks", "opened_at": long_ago_at}
        complaint = Complaint.open(held, won, owner=people.owner, by=people.owner, now=now, **came)
        change = Change(Scope(person=people.owner), Period.parse(f"{today.year}"), None, Decimal(1_200))
        Target.set(TargetMetric.SIGNED_AMOUNT, [change], by=people.admin, now=now)
        db.session.flush()
        fields = _fields(people.admin)
        set_values(held, {fields[Subject.CUSTOMER]: "Weekly"}, by=people.owner, now=now)
        set_values(deal, {fields[Subject.DEAL]: "Weekly"}, by=people.owner, now=now)
        kept = Kept(files.keep(BytesIO(b"%PDF-1.7")), "offer.pdf", "application/pdf", 8)
        facts = {"kind": DocumentKind.QUOTATION, "name": "The offer", "day": today}
        paper = Document.file(held, deal, kept=[kept], by=people.owner, now=now, **facts)
        noted = _note_on(
            deal, people.owner, TookPart(Side.THEIRS, contact.name, contact_id=contact.id), paper
        )
        spare = User.invite("spare@example.com", "Sam Spare", Role.REP, teams=[], by=people.admin, now=now)
        link = AccessLink.issue(spare, by=None, now=now)
        CalendarAddress.make(people.owner, now)
        sign_in = SignIn.begin(people.admin, address="127.0.0.1", browser="Another browser", now=now)
        CalendarDay.mark([today], is_worked=True, label="Stocktaking", by_id=people.admin.id, now=now)
        work_id = outbox.promise("report", 1, now=now)
        bygone = Customer.register("Bygone Works", owner=people.owner, by=people.owner, now=now, day=today)
        lost_one = {"status": CustomerStatus.LOST, "owner": people.owner, "by": people.owner}
        unsaid = Customer.register("Unsaid Works", now=now, day=today, **lost_one)
        given = {"reason": LostReason.PRICE, "by": people.owner, "now": now, "today": today}
        tidying = Tidying.carry_out(Proposal.NO_CHANNEL, Act.ARCHIVE, [bygone], **given)
        gone = HandOver.carry_out(spare, [people.teammate], by=people.admin, now=now)
        Customer.register("Spare Works", owner=spare, by=people.admin, now=now, day=today)
        dead = db.session.get_one(Work, work_id)
        dead.state, dead.last_error, dead.finished_at = WorkState.DEAD, "no such report", now
    report, waiting, failed = _reports(people)
    planned, done = _imports(people)
    with acting_as_system("a test prepares"), writing():
        give_reminders(find_reminders(today, now), today, now)
        task = Task.set(
            "Call them",
            customer=db.session.get_one(Customer, customer.id),
            deal=None,
            owner=people.owner,
            due_on=today,
            due_at=now - timedelta(hours=1),
            goal="Hear what they think",
            by=people.owner,
            now=now,
        )
        task.postpone(today + timedelta(days=1), "A fair", by=people.owner, now=now, expected_version=1)
        reminder = db.session.scalars(db.select(Reminder.id).order_by(Reminder.id)).first()
        told = channels_of(people.owner)
        return {
            "channel_id": told["channel"],
            "mailbox_token": told["mailbox"],
            "delivery_id": told["delivery"],
            "number": deals[1].number,
            "beside_number": beside.number,
            "lost_number": lost.number,
            "won_number": won.number,
            "payment_id": payment.id,
            "receipt_id": receipt.id,
            "satisfaction_id": satisfaction.id,
            "complaint_id": complaint.id,
            "customer_number": customer.number,
            "followup_number": noted.number,
            "objection_id": noted.objections[0].id,
            "promise_id": noted.promises[0].id,
            "contact_id": contact.id,
            "other": twins[0].number,
            "merge_id": merge.id,
            "survivor_number": pair[0].number,
            "archived_number": bygone.number,
            "check_id": checks[0].id,
            "name": "region",
            "fact": "title",
            "person_id": people.collaborator.id,
            "user_id": spare.id,
            "team_id": db.session.scalars(db.select(Team.id).order_by(Team.id)).first(),
            "token": link.token,
            "sign_in_id": sign_in.id,
            "work_id": work_id,
            "report_id": report,
            "waiting_report_id": waiting,
            "failed_report_id": failed,
            "import_id": planned,
            "done_import_id": done,
            "code": "win_rate",
            "part": "worked",
            "stage": "lead",
            "day": today.isoformat(),
            "reminder_id": reminder,
            "task_id": task.id,
            "document_id": paper.id,
            "file_id": paper.files[0].id,
            "hand_over_id": gone.id,
            "tidying_id": tidying.id,
            "lost_customer_number": unsaid.number,
            "view_id": view.id,
            "kind": "customers",
            "field_id": fields[Subject.CUSTOMER],
        }


def _note_on(deal: Deal, author: User, contact: TookPart, paper: Document) -> FollowUp:
    """A talk about which there is something to say in every respect, and which was corrected."""
    now = clock.now()
    note = Note(
        occurred_at=now - timedelta(days=2),
        method=Method.VISIT,
        participants="Olive; Cleo",
        content="They showed us the old line.",
        feedback="It has to be quieter.",
        agreed="A trial in May",
        materials="The brochure",
        promised="Drawings by Friday",
        promises=(PromiseTold("Their figures", installation().today), PromiseTold("An answer")),
        people=(TookPart(Side.OURS, author.name, user_id=author.id), contact),
        papers=(HandedOver(paper.id, paper.name, paper.edition),),
        new_needs="A second shift",
        objections=("Too dear", "Too late"),
        objection_state=ObjectionState.RAISED,
        competitor_news="Another firm called",
        opportunity_risk="The buyer may leave",
        next_step="Send the drawings",
        next_due=installation().today + timedelta(days=2),
        next_method=Method.EMAIL,
    )
    written = FollowUp.write(note, by=author, now=now, day=installation().today)
    written.file(deal.customer, deal)
    written.correct({"agreed": "A trial in June"}, "Heard wrong", by=author, now=now, expected_version=1)
    return written


def _fields(admin: User) -> dict[Subject, int]:
    """A field of each kind for customers and for deals; the answer names the one that has a choice, Weekly."""
    now, chosen = clock.now(), dict[Subject, int]()
    for subject in Subject:
        for kind in FieldKind:
            field = CustomField.add(
                subject,
                f"Own {kind.value}",
                kind,
                choices=["Weekly", "Monthly"],
                is_listed=kind in (FieldKind.CHOICE, FieldKind.NUMBER),
                by=admin,
                now=now,
            )
            if kind is FieldKind.CHOICE:
                chosen[subject] = field.id
    retired = CustomField.add(Subject.CUSTOMER, "Bygone", FieldKind.TEXT, by=admin, now=now)
    retired.retire(by=admin, now=now)
    return chosen


def _reports(people: People) -> tuple[int, int, int]:
    """One report that is done, one that waits and one that failed."""
    now, period = clock.now(), Period.parse(f"{installation().today.year}")
    with acting_as_system("a test prepares"), writing():
        done = Report.request(period, Scope(person=people.owner), by=people.owner, now=now)
        done.finish(evaluate(period, Scope(person=people.owner), as_of=now), as_of=now, now=now)
        waiting = Report.request(period, Scope(), by=people.admin, now=now)
        north = db.session.scalars(db.select(Team).order_by(Team.id)).first()
        failed = Report.request(period, Scope((north,) if north else ()), by=people.supervisor, now=now)
        failed.fail("the worker lost its way")
        return done.id, waiting.id, failed.id


def _imports(people: People) -> tuple[int, int]:
    """One import that was tried out, with a row that is not taken and a value that is left out; and one that is in."""
    heads = "客户名称,所属行业,首次接触日期,Payment habits\n"
    content = f"{heads}New Works,Paper,2026-05-12,monthly\n,Paper,,\nOld Works,Paper,last year,\n"
    planned = try_out(begin_with("new.csv", content.encode(), by=people.owner))
    done = confirmed(
        try_out(begin_with("old.csv", f"{heads}Early Works,Print,,\n,,,x\n".encode(), by=people.owner))
    )
    with acting_as_system("a test brings in"):
        running.bring_in(done)
    return planned.id, done.id
