"""A playbook's plain text is read into its parts."""

from __future__ import annotations

from salesboard.deals.playbook import Section, sections


def test_headings_paragraphs_and_lists_are_told_apart() -> None:
    text = "First of all\n\n# Purpose\nListen.\n# Ask\n- Why now?\n-  Who decides? \n"
    assert sections(text) == [
        Section("", ["First of all"], []),
        Section("Purpose", ["Listen."], []),
        Section("Ask", [], ["Why now?", "Who decides?"]),
    ]


def test_an_empty_text_has_no_parts() -> None:
    assert sections(" \n\n ") == []
