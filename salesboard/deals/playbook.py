"""What the team does in each stage (销售 SOP): the admin's own text, else a first one to start from.

The text is plain: a line that begins with "# " is a heading, with "- " an item of a list; everything else is a
paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _

from salesboard.deals.rules import Stage
from salesboard.deals.stages import StageSetting


@dataclass
class Section:
    """One part of a playbook under its heading."""

    heading: str = ""
    paragraphs: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)


def playbook_text(setting: StageSetting) -> str:
    """The playbook of a stage: as the admin wrote it, else the usual one in the reader's language."""
    return (setting.playbook or "").strip() or default_playbook(setting.stage)


def sections(text: str) -> list[Section]:
    """The playbook's parts, in order."""
    parts = [Section()]
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("# "):
            parts.append(Section(heading=line[2:].strip()))
        elif line.startswith("- "):
            parts[-1].items.append(line[2:].strip())
        elif line:
            parts[-1].paragraphs.append(line)
    return [part for part in parts if part.heading or part.paragraphs or part.items]


def default_playbook(stage: Stage) -> str:
    """The first playbook of a stage, in the reader's language; an admin may start from it."""
    purpose, questions, trap = _defaults()[stage]
    asked = "\n".join(f"- {question}" for question in questions)
    parts = ((_("Purpose"), purpose), (_("You might ask"), asked), (_("A common trap"), trap))
    return "\n\n".join(f"# {heading}\n{text}" for heading, text in parts)


def _defaults() -> dict[Stage, tuple[str, tuple[str, ...], str]]:
    """Of each stage: its purpose, questions to ask, and what usually goes wrong."""
    return {
        Stage.LEAD: (
            _("Find out in one talk whether there is something to sell here at all."),
            (
                _("How did you come across us?"),
                _("What made you look for this just now?"),
                _("Who else has this on the table?"),
            ),
            _("Keeping a name for months because it might become something. Call, or let it go."),
        ),
        Stage.INTENT: (
            _("Know three things: is there money, is there a need, and who decides."),
            (
                _("What does it cost you to leave it as it is?"),
                _("Is there a budget for this year, and whose is it?"),
                _("How was the last purchase of this kind decided?"),
            ),
            _("Taking interest for intent. Two of the three absent usually means an invalid lead."),
        ),
        Stage.PROPOSAL: (
            _("Let the customer say “that would do it”, rather than us thinking so."),
            (
                _("What would it have to be for you to speak up for it?"),
                _("Besides you, who has to nod?"),
                _("If only one thing could be done, which one first?"),
            ),
            _("Naming a total before the decision maker was met. Arrange that meeting first."),
        ),
        Stage.NEGOTIATION: (
            _("Turn an accepted proposal into terms that both sides can keep."),
            (
                _("What is still open on your side before this can be signed?"),
                _("Who reads the contract, and what do they look at first?"),
                _("If we meet you on price, what will you give in return?"),
            ),
            _("Giving a discount without taking anything for it, or talking to one person only."),
        ),
        Stage.WON: (
            _("Sign cleanly, and hand over so well that the customer notices no seam."),
            (
                _("Who is our contact from tomorrow on?"),
                _("What must have happened after thirty days for you to be content?"),
                _("When may we send the first invoice?"),
            ),
            _("Promises that stand in nobody's notes. Write them down before the handover."),
        ),
        Stage.SERVICE: (
            _("Keep the promise, hear complaints first, and be there when it is renewed."),
            (
                _("From 1 to 5, how content are you, and why not one more?"),
                _("What do your people ask for that it cannot do yet?"),
                _("Who else do you know with the same worry?"),
            ),
            _("Calling only when the renewal is due."),
        ),
    }
