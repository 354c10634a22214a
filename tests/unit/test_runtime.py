from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from common import runtime
from common.domain.settings import Settings, read
from common.platform.embedded.jobs import SubprocessJobs
from functions.catalogue import CATALOGUE


def test_jobs_get_the_settings_of_the_process_that_starts_them(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "state", workers=3)
    context = runtime.build(CATALOGUE, settings)
    assert isinstance(context.jobs, SubprocessJobs)
    environment = {name: value for name, value in context.jobs._environment.items() if name.startswith("AIPROD_")}
    assert read(environment) == settings
    context.documents.close()  # type: ignore[attr-defined]


def test_processes_that_begin_at_once_sign_links_alike(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "state")
    first = runtime.build(CATALOGUE, settings)
    runtime.secrets(settings).add("signed-urls", "the key of a process that began at the same moment")
    second = runtime.build(CATALOGUE, settings)
    link = urlsplit(first.objects.signed_url("a/b", seconds=60))
    query = dict(parse_qsl(link.query))
    assert second.objects.verify_signature("a/b", **query)  # type: ignore[attr-defined]
    for context in (first, second):
        context.documents.close()  # type: ignore[attr-defined]
