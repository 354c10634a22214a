# Queries are written in alerts.yaml and dashboards/*.yaml, with log:NAME{...}[...] inside increase() or rate() for a
# log-based metric. It becomes the name under which PromQL knows it, once for services and once for jobs: PromQL wants
# one kind of resource in each selector, and a pipeline may end in either.

locals {
  _short = "/(increase|rate)\\(log:(\\w+)\\{([^}]*)\\}(\\[\\w+\\](?: offset \\w+)?)\\)/"
  _long  = "(${join(" or ", [for resource in ["cloud_run_revision", "cloud_run_job"] : "$1(logging_googleapis_com:user_aiprod_$2{monitored_resource=\"${resource}\",$3}$4)"])})"
}
