output "functions" {
  description = "Every function by name, with its trigger, limits and uses; durations in seconds."
  value       = local.functions

  precondition {
    condition     = toset(local.order) == toset(keys(local.entries)) && length(local.order) == length(local.entries)
    error_message = "Each function stands on a line of its own, two spaces in, and no other line does."
  }
  precondition {
    condition     = alltrue([for name in keys(local.entries) : can(regex("^[a-z][a-z0-9_]*[a-z0-9]$", name))])
    error_message = "A function's name has lower-case letters, digits and single underscores, as it names its service."
  }
  precondition {
    condition     = length(distinct([for entry in local.functions : entry.account_id])) == length(local.functions)
    error_message = "Two functions would share a service account; rename one of them."
  }
}

output "routes" {
  description = "Endpoints in the order in which they are tried: { function, method, path, priority }; {name} in a path is one segment."
  value = [
    for index, name in local.routes : {
      function = name
      method   = local.functions[name].http.method
      path     = local.functions[name].http.path
      priority = index + 1
    }
  ]
}

output "topics" {
  description = "Function by the topic that is pushed to it; the topic of a step has the step's name, and a paced step has none."
  value = merge(
    { for name, step in local.steps : name => name if !can(step.queue) },
    { for name, entry in local.entries : entry.topic => name if can(entry.topic) },
  )
}

output "queues" {
  description = "Every queue: { family, priority }; three of each that paces steps, and one without priority for each function that takes a queue of its own."
  value = merge(
    {
      for pair in setproduct(local.families, local.priorities) :
      "${pair[0]}-${pair[1]}" => { family = pair[0], priority = pair[1] }
    },
    { for queue in keys(local.tasks) : queue => { family = queue, priority = null } },
  )
}

output "schedules" {
  description = "Cron expression (UTC) by function."
  value       = { for name, entry in local.entries : name => entry.schedule if can(entry.schedule) }
}

output "secrets" {
  description = "Names of all secrets that some function reads."
  value = toset([
    for use in distinct(flatten([for entry in local.functions : entry.uses])) : trimprefix(use, "secret:")
    if startswith(use, "secret:")
  ])
}
