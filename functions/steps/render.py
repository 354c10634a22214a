"""Start the render job."""

from common.domain.fan_out import tasks_for
from common.domain.pipeline import Outcome
from common.engine import production
from common.engine.task import Handed, Task
from common.platform.jobs import JobsUnavailable


def run(task: Task) -> Outcome:
    """Hand the step to a job of this attempt, which finishes it; if the job dies, the sweep starts another attempt."""
    key = f"{task.id}.{task.step.epoch}"
    task.context.registry.forget()  # the job needs the memory that voice models hold
    most = task.context.settings.render_tasks
    tasks = tasks_for(production.plan_of(task), most) if most > 1 else 1
    arguments = [task.pipeline.id, task.step.key, str(task.step.epoch)]
    try:
        task.context.jobs.start("render", key, args=arguments, env={}, tasks=tasks)
    except JobsUnavailable:
        if task.context.jobs.state(key) is None:
            raise
        # It was started, and only the answer was lost.
    task.context.failpoints.reach("after_job_start", task.step.step)
    raise Handed(key)
