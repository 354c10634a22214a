# What functions/catalogue.yaml says, as values for the other modules. It makes nothing.

locals {
  text      = var.text != null ? var.text : file("${path.module}/../../../functions/catalogue.yaml")
  catalogue = yamldecode(local.text)

  # YAML maps arrive sorted by name, but of two routes that fit a path the first one of the file answers.
  order = [for line in regexall("(?m)^  ([a-z0-9_]+):", local.text) : line[0]]

  seconds    = { s = 1, m = 60, h = 3600, d = 86400 }
  priorities = ["low", "medium", "high"]

  # `sweep` alone sets the gauges of what waits in the store, so one instance of it stays awake to be read.
  gauges = ["sweep"]

  entries = { for name, fields in local.catalogue.functions : name => merge(local.catalogue.defaults, fields) }

  functions = {
    for name, entry in local.entries : name => {
      service = replace(name, "_", "-")
      # An id has 6 to 30 characters; a longer name keeps its beginning and gets a mark of the whole.
      account_id = length(name) <= 25 ? "func-${replace(name, "_", "-")}" : join("-", [
        "func", trimsuffix(replace(substr(name, 0, 18), "_", "-"), "-"), substr(sha256(name), 0, 6)
      ])

      summary     = entry.summary
      kind        = can(entry.http) ? "endpoint" : one([for kind in ["step", "schedule", "topic", "task"] : kind if can(entry[kind])])
      http        = can(entry.http) ? { method = split(" ", entry.http)[0], path = split(" ", entry.http)[1] } : null
      public      = try(entry.roles == "public", false)
      live        = try(entry.live, false)
      exempt      = try(entry.exempt, false)
      memory      = entry.memory
      cpu         = entry.cpu
      timeout     = tonumber(regex("^[0-9]+", entry.timeout)) * local.seconds[regex("[smhd]$", entry.timeout)]
      concurrency = entry.concurrency
      min         = contains(local.gauges, name) ? max(entry.min, 1) : entry.min
      max         = entry.max
      scraped     = entry.min > 0 || contains(local.gauges, name)
      awake       = contains(local.gauges, name)

      # Who calls has to be found out wherever not everybody may call.
      uses = sort(distinct(concat(
        try(entry.uses, []),
        can(entry.http) && !try(entry.roles == "public", false) ? try(local.catalogue.identifying, []) : [],
      )))
    }
  }

  endpoints = [for name in local.order : name if try(local.functions[name].http, null) != null]

  # A path that is an endpoint's own is never taken by another one's parameter.
  routes = concat(
    [for name in local.endpoints : name if !strcontains(local.functions[name].http.path, "{")],
    [for name in local.endpoints : name if strcontains(local.functions[name].http.path, "{")],
  )

  steps = { for name, entry in local.entries : name => entry.step if can(entry.step) }
  tasks = { for name, entry in local.entries : entry.task => name if can(entry.task) }

  # Steps that are not paced still wait in a queue for a time that was set, such as that of a repetition.
  families = toset(concat(["steps"], [for step in local.steps : step.queue if can(step.queue)]))
}
