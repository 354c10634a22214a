"""Whatever is done to families in whatever order: one token of each works at most, and what ended never works again."""

import contextlib
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from common.identity import families
from common.identity.families import Reused
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from common.platform.identity import InvalidToken
from tests.http_world import Posted, make_context

ANY = st.integers(min_value=0)


class Life:
    """What should be true of one family: its tokens, of which only the newest works, and until when."""

    def __init__(self, family, text, until):
        self.id, self.texts, self.until, self.begun = family.id, [text], until, family.created_at
        self.ended = False


class Families(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.left = contextlib.ExitStack()
        folder = Path(self.left.enter_context(tempfile.TemporaryDirectory()))
        self.clock = VirtualClock()
        documents = self.left.enter_context(contextlib.closing(SqliteDocuments(folder / "documents", self.clock)))
        self.context = make_context(folder, self.clock, Posted(), documents)
        self.week = timedelta(seconds=self.context.settings.refresh_token_ttl)
        self.lives = []

    def teardown(self):
        self.left.close()

    def chosen(self, number):
        return self.lives[number % len(self.lives)]

    def works(self, life):
        return not life.ended and self.clock.now() < life.until

    @rule()
    def log_in(self):
        family, text = families.begin(self.context, "ann", "user", "tokens")
        self.lives.append(Life(family, text, self.clock.now() + self.week))

    @precondition(lambda self: self.lives)
    @rule(number=ANY)
    def refresh_the_newest(self, number):
        life = self.chosen(number)
        if not self.works(life):
            with pytest.raises(InvalidToken):
                families.refresh(self.context, life.texts[-1])
            return
        family, text = families.refresh(self.context, life.texts[-1])
        assert family.id == life.id
        life.texts.append(text)
        life.until = min(self.clock.now() + self.week, life.begun + families.LONGEST)

    @precondition(lambda self: any(len(life.texts) > 1 for life in self.lives))
    @rule(number=ANY, which=ANY)
    def refresh_an_older_one(self, number, which):
        used = [life for life in self.lives if len(life.texts) > 1]
        life = used[number % len(used)]
        text = life.texts[which % (len(life.texts) - 1)]
        with pytest.raises(Reused if self.works(life) else InvalidToken):
            families.refresh(self.context, text)
        life.ended = True

    @precondition(lambda self: self.lives)
    @rule(number=ANY)
    def end(self, number):
        life = self.chosen(number)
        assert families.end(self.context, "ann", life.id, "why") == self.works(life)
        life.ended = True

    @rule(hours=st.sampled_from([1, 24, 6 * 24, 8 * 24]))
    def time_goes_on(self, hours):
        self.clock.advance(3600 * hours)

    @invariant()
    def families_stand_as_they_should(self):
        for life in self.lives:
            if self.works(life):
                assert families.standing(self.context, "ann", life.id).id == life.id
            else:
                with pytest.raises(InvalidToken):
                    families.standing(self.context, "ann", life.id)

    @invariant()
    def one_token_of_a_family_is_not_consumed(self):
        rows = self.context.documents.query("users/ann/tokens")
        fresh = [row.data["family"] for row in rows if row.data["consumed_at"] is None]
        assert sorted(fresh) == sorted(life.id for life in self.lives)


Families.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestFamilies = Families.TestCase
