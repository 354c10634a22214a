"""Headlines of a film, none of which stands twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from common.domain.plan import Lang, SceneKind
from common.providers.planner.draft import Draft
from common.providers.planner.labels import Label, label_for

_NAMED: Mapping[SceneKind, Label] = MappingProxyType(
    {"list": "list", "steps": "steps", "recipe": "ingredients", "comparison": "comparison", "closing": "closing"}
)


def distinct(drafts: Sequence[Draft], lang: Lang) -> list[Draft]:
    """The drafts, of which one whose headline stood before is called what it is, and its next part by a number.

    A closing has that headline below. Statements and figures keep theirs, for those are what is said. What has none
    is given none.
    """
    stood: set[str] = set()
    parts: Counter[tuple[SceneKind, str]] = Counter()
    found = []
    for draft in drafts:
        name = draft.headline
        if name and name.casefold() in stood and draft.kind in _NAMED and not parts[draft.kind, name]:
            name = label_for(_NAMED[draft.kind], [name], lang, name)
        stood |= {name.casefold(), draft.headline.casefold()}
        parts[draft.kind, name] += 1
        found.append(_named(draft, name, parts[draft.kind, name]))
    return found


def _named(draft: Draft, name: str, part: int) -> Draft:
    if draft.kind not in _NAMED:
        return draft
    if draft.kind != "closing":
        return replace(draft, headline=f"{name} ({part})" if name and part > 1 else name)
    if name == draft.headline:
        return draft
    name, *below = draft.lines or (name,)
    return replace(draft, headline=name, lines=(draft.headline, *below))
