"""What a brand keeps, from the request of one video to the plan of the next."""

from typing import Any

from common.engine import worker
from common.engine.brands import Kept, recall, remember
from common.engine.task import Task
from tests.unit.engine.conftest import Bench, bench
from tests.unit.media.films import plan, scene

__all__ = ["bench"]

KIT = {"colours": ("#0b5fff",), "font": "Lora"}
LOGO = f"media/{'0' * 64}.png"


def task_of(bench: Bench, **fields: Any) -> Task:
    made = bench.submit(preset="brand_campaign", duration_sec=5, **fields)
    task = worker._claim(bench.context, made.id, "analyze", "host-1/a")
    assert isinstance(task, Task)
    return task


def test_later_videos_of_a_brand_have_the_kit_and_logo_of_its_first(bench: Bench) -> None:
    first = task_of(bench, brand_id="acme", brand=KIT)
    bench.context.objects.put(LOGO, b"a picture", content_type="image/png")
    made = plan(scene("a", 60)).model_copy(update={"brand": first.request.brand, "logo": LOGO, "look": "paper"})
    remember(first, made)
    kept = recall(task_of(bench, brand_id="acme"))
    assert kept == Kept(look="paper", kit=first.request.brand, logo=LOGO)
    assert recall(task_of(bench, brand_id="other")) == Kept()


def test_a_logo_that_was_taken_away_is_not_missed(bench: Bench) -> None:
    first = task_of(bench, brand_id="acme")
    remember(first, plan(scene("a", 60)).model_copy(update={"logo": LOGO}))
    assert recall(task_of(bench, brand_id="acme")).logo is None
