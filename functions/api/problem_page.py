"""GET /problems/{code}: what a problem means and what to do, where its `type` leads."""

from markupsafe import Markup
from pydantic import Field
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from common.domain.model import Model
from common.http import pages, problems
from common.http.call import Answer, Call, Empty
from common.http.problem import not_found


class KindView(Model):
    """One kind of problem."""

    code: str = Field(description="As in the problem document; never changes.")
    status: list[int] = Field(description="The HTTP statuses that it comes with, the usual one first.")
    title: str = Field(description="What it is called.")
    meaning: str = Field(description="What happened.")
    remedy: str = Field(description="What to do.")


MEDIA_TYPE = (pages.HTML, "application/json")
Reply = KindView
REPLY_EXAMPLE = {
    "code": "not_waiting",
    "status": [409],
    "title": problems.PROBLEMS["not_waiting"].title,
    "meaning": problems.PROBLEMS["not_waiting"].meaning,
    "remedy": problems.PROBLEMS["not_waiting"].remedy,
}

_PAGE = Markup(
    "<main><h1>{title}</h1><p><code>{code}</code>, HTTP {status}</p>"
    "<dl><dt>What happened</dt><dd>{meaning}</dd><dt>What to do</dt><dd>{remedy}</dd></dl>"
    '<p><a href="/docs">API documentation</a></p></main>'
)


def handle(call: Call[Empty]) -> Answer:
    """The page for people, or the same as JSON where that is asked for; 404 for an unknown code."""
    code = call.params["code"]
    kind = problems.PROBLEMS.get(code)
    if kind is None:
        raise not_found(f"There is no problem {code[:64]!r}; GET /openapi.json lists them by operation.")
    accepted = parse_accept_header(call.headers.get("Accept", ""), MIMEAccept)
    if accepted.best_match(["text/html", "application/json"]) == "application/json":
        view = KindView(
            code=code, status=list(kind.statuses), title=kind.title, meaning=kind.meaning, remedy=kind.remedy
        )
        return Answer(body=view, headers={"Cache-Control": pages.ONE_HOUR, "Vary": "Accept"})
    status = " or ".join(map(str, kind.statuses))
    body = _PAGE.format(title=kind.title, code=code, status=status, meaning=kind.meaning, remedy=kind.remedy)
    answer = pages.page(kind.title, body, pages.PLAIN_POLICY)
    return Answer(body=answer.body, media_type=pages.HTML, headers={**answer.headers, "Vary": "Accept"})
