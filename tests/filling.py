"""Fills a page's form in as a browser would: every field with what the page gave it, then one's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

WRITTEN = frozenset({"text", "textarea", "search", "email", "tel", "url", "number", "date", "datetime-local"})
"""Kinds of fields that a person types into; passwords apart."""

BUTTONS = frozenset({"submit", "button", "reset", "image"})


@dataclass
class Control:
    """One field of a form: its kind, what the page put in, and what may be chosen."""

    name: str
    kind: str
    value: str | None = None
    options: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    """A form of a page. An empty `action` is the page itself; a button may name another instead."""

    action: str
    method: str
    id: str = ""
    other_actions: list[str] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)

    def filled(self) -> dict[str, str]:
        """What a browser would send if one pressed the button at once; of several buttons none."""
        given: dict[str, str] = {}
        for control in self.controls:
            if control.value is not None and control.kind not in BUTTONS:
                given[control.name] = control.value
        return given

    def of_kind(self, *kinds: str) -> list[Control]:
        return [control for control in self.controls if control.kind in kinds]


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._textarea: Control | None = None
        self._select: Control | None = None
        self._loose: list[tuple[str, Control]] = []
        self.feed(html)
        by_id = {form.id: form for form in self.forms if form.id}
        for owner, control in self._loose:
            if owner in by_id:
                by_id[owner].controls.append(control)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get"), given.get("id", "")))
        elif tag == "textarea" and name:
            self._textarea = self._add(Control(name, "textarea", "", attributes=given), given)
        elif tag == "select" and name:
            self._select = self._add(Control(name, "select", attributes=given), given)
        elif tag == "option" and self._select is not None:
            value = given.get("value", "")
            self._select.options.append(value)
            if "selected" in given or self._select.value is None:
                self._select.value = value
        elif tag in ("input", "button") and "formaction" in given and self.forms:
            self.forms[-1].other_actions.append(given["formaction"])
        elif tag in ("input", "button") and name:
            self._add_simple(given.get("type", "submit" if tag == "button" else "text"), name, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            before = self._textarea.value or ""
            # the line end right after the tag is not part of the text
            self._textarea.value = before + (data if before else data.removeprefix("\r").removeprefix("\n"))

    def _add_simple(self, kind: str, name: str, given: dict[str, str]) -> None:
        value = given.get("value", "on" if kind == "checkbox" else "")
        if kind not in ("radio", "checkbox"):
            offered = None if kind == "file" else value
            self._add(Control(name, kind, offered, [value] if kind in BUTTONS else [], given), given)
            return
        known = self.forms[-1].controls if self.forms else []
        group = next((each for each in known if each.name == name and each.kind == kind), None)
        group = group or self._add(Control(name, kind, attributes=given), given)
        group.options.append(value)
        if "checked" in given:
            group.value = value

    def _add(self, control: Control, given: dict[str, str]) -> Control:
        owner = given.get("form", "")
        if owner:
            self._loose.append((owner, control))
        elif self.forms:
            self.forms[-1].controls.append(control)
        return control


def forms_in(html: str) -> list[Form]:
    """Every form of a page."""
    return _Forms(html).forms


def form_in(html: str, action: str) -> dict[str, str]:
    """The fields of the form whose address is the page's own or ends with `action`, as the page filled them in; of
    several, that of the first which changes something."""
    for form in sorted(forms_in(html), key=lambda form: form.method != "post"):
        if not form.action or form.action.partition("?")[0].endswith(action):
            return form.filled()
    raise LookupError(f"no form for {action}")
