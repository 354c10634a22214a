from pathlib import Path

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
