"""Who has something, chosen among people."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import SelectField

from salesboard.accounts.models import User


class OwnerChoice:
    """Of a form with a field `owner`, whose people are known only when it is shown."""

    owner: SelectField

    def offer(self, people: Iterable[User]) -> None:
        """Lets one of these people be chosen."""
        self._people = {person.id: person for person in people}
        self.owner.choices = [(key, person.name) for key, person in self._people.items()]

    @property
    def chosen_owner(self) -> User:
        """Of a form that was found valid."""
        return self._people[self.owner.data]
