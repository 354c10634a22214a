# What the catalogue promises of services: each function is one, in every region, from one image, as itself, within its
# limits, behind the right door; and one more entry is one more of everything and changes nothing else.

mock_provider "google" {
  override_during = plan
}

variables {
  project_id   = "demo"
  region       = "europe-west1"
  home         = true
  warm         = true
  gpu          = true
  image        = "europe-west1-docker.pkg.dev/demo/aiprod/functions@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  environment  = { AIPROD_PROFILE = "gcp", AIPROD_REGION = "europe-west1" }
  redis_secret = "redis-europe-west1"
  network      = { id = "vpc", subnetwork = "subnet", tag = "functions" }
  account      = "render-job@demo.iam.gserviceaccount.com"
  role         = "projects/demo/roles/aiprodJobStarter"
  starters     = { render = "func-render@demo.iam.gserviceaccount.com" }

  # As it would stand at the end of the catalogue.
  one_more = <<YAML
  one_more:
    summary: Be one more.
    http: GET /one-more/{id}
    roles: [admin]
    uses: [storage:read, "secret:page-tokens"]
YAML
}

run "catalogue" {
  command = plan
  module {
    source = "../catalogue"
  }

  assert {
    condition     = alltrue([for one in output.functions : contains(["endpoint", "step", "schedule", "topic", "task"], one.kind)])
    error_message = "Every function has one trigger."
  }

  assert {
    condition = (
      length([for one in output.functions : one if one.kind == "endpoint"]) == length(output.routes) &&
      length([for one in output.functions : one if one.kind == "schedule"]) == length(output.schedules)
    )
    error_message = "An endpoint has a route, and a schedule its time."
  }

  assert {
    condition = alltrue([
      for name, one in output.functions : length([for function in values(output.topics) : function if function == name]) <= 1
    ]) && length(setsubtract(values(output.topics), keys(output.functions))) == 0
    error_message = "Every topic has its one consumer."
  }

  assert {
    condition = alltrue([
      for one in output.functions : length(one.account_id) <= 30 && can(regex("^[a-z]([-a-z0-9]{4,28}[a-z0-9])$", one.account_id))
    ]) && length(distinct([for one in output.functions : one.account_id])) == length(output.functions)
    error_message = "Every function has an account of its own, of a name that Google takes."
  }

  assert {
    condition = alltrue([
      for one in output.functions : contains(one.uses, "secret:access-token-key") && contains(one.uses, "firestore:write")
      if one.kind == "endpoint" && !one.public
    ])
    error_message = "Who may not be called by everybody can find out who calls."
  }

  assert {
    condition = alltrue([
      for index, route in output.routes : route.priority == index + 1 && (
        !strcontains(route.path, "{") || alltrue([for later in slice(output.routes, index, length(output.routes)) : strcontains(later.path, "{")])
      )
    ])
    error_message = "Paths of their own are tried before those with parameters."
  }
}

run "home" {
  command = plan
  module {
    source = "../functions"
  }
  variables {
    functions = run.catalogue.functions
    accounts  = { for name, one in run.catalogue.functions : name => "${one.account_id}@demo.iam.gserviceaccount.com" }
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service.function)) == toset(keys(run.catalogue.functions))
    error_message = "Every function is one service."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      one.template[0].containers[0].image == var.image &&
      one.template[0].service_account == "${run.catalogue.functions[name].account_id}@demo.iam.gserviceaccount.com" &&
      one.name == replace(name, "_", "-") &&
      contains([for variable in one.template[0].containers[0].env : variable.value if variable.name == "FUNCTION_TARGET"], name)
    ])
    error_message = "A service runs its own function of the one image, as its own account."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      one.scaling[0].min_instance_count == run.catalogue.functions[name].min &&
      one.template[0].scaling[0].max_instance_count == run.catalogue.functions[name].max &&
      one.template[0].scaling[0].cpu_utilization == 0.7 &&
      one.template[0].scaling[0].concurrency_utilization == 0.7
    ])
    error_message = "A service has the instances that the catalogue says, and another one at 70 % of the load."
  }

  assert {
    condition = alltrue([
      for name in ["health", "run_pipeline", "get_pipeline"] :
      google_cloud_run_v2_service.function[name].scaling[0].min_instance_count >= 2 &&
      google_cloud_run_v2_service.function[name].template[0].scaling[0].max_instance_count == 20
    ])
    error_message = "What everybody waits for has 2 to 20 instances."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      one.ingress == (run.catalogue.functions[name].kind == "endpoint" ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY") &&
      one.default_uri_disabled == (run.catalogue.functions[name].kind == "endpoint")
    ])
    error_message = "Endpoints are reached through the load balancer alone, and background functions from within the project alone."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function : one.invoker_iam_disabled && (
        one.default_uri_disabled ? run.catalogue.functions[name].kind == "endpoint" : one.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
      )
    ])
    error_message = "Cloud Run takes no signature off the token that the process is about to check; a service with a URL of its own is reached from within the project alone."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      one.template[0].timeout == "${run.catalogue.functions[name].timeout}s" &&
      one.template[0].max_instance_request_concurrency == run.catalogue.functions[name].concurrency &&
      one.template[0].containers[0].resources[0].limits["memory"] == run.catalogue.functions[name].memory &&
      one.template[0].containers[0].resources[0].startup_cpu_boost
    ])
    error_message = "A service has the limits that the catalogue says."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function : run.catalogue.functions[name].live ? (
        one.template[0].containers[0].command == tolist(["python"]) && one.template[0].containers[0].args == tolist(["-m", "functions.asgi"]) &&
        one.template[0].session_affinity && one.template[0].timeout == "3600s"
        ) : (
        one.template[0].containers[0].command == null && !one.template[0].session_affinity &&
        contains([for variable in one.template[0].containers[0].env : variable.value if variable.name == "THREADS"], tostring(run.catalogue.functions[name].concurrency))
      )
    ])
    error_message = "Live functions have an event loop and an hour, the others as many threads as requests at a time."
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      length(one.template[0].containers) == (run.catalogue.functions[name].min > 0 ? 2 : 1) &&
      (one.template[0].containers[0].resources[0].cpu_idle == (name != "sweep"))
    ])
    error_message = "Prometheus reads where an instance stays, and what sets its gauges is never asleep."
  }

  assert {
    condition = alltrue([
      for one in google_cloud_run_v2_service.function : [for variable in one.template[0].containers[0].env : variable.value_source[0].secret_key_ref[0].secret if variable.name == "AIPROD_REDIS_URL"] == ["redis-europe-west1"]
    ])
    error_message = "The password of Redis stands in no service."
  }
}

run "away" {
  command = plan
  module {
    source = "../functions"
  }
  variables {
    region    = "us-west1"
    home      = false
    functions = run.catalogue.functions
    accounts  = { for name, one in run.catalogue.functions : name => "${one.account_id}@demo.iam.gserviceaccount.com" }
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      one.location == "us-west1" &&
      one.scaling[0].min_instance_count == (run.catalogue.functions[name].kind == "endpoint" ? run.catalogue.functions[name].min : 0)
    ])
    error_message = "Away from home endpoints are as ready as there, and background functions sleep."
  }
}

run "cheap" {
  command = plan
  module {
    source = "../functions"
  }
  variables {
    warm      = false
    functions = run.catalogue.functions
    accounts  = { for name, one in run.catalogue.functions : name => "${one.account_id}@demo.iam.gserviceaccount.com" }
  }

  assert {
    condition = alltrue([
      for name, one in google_cloud_run_v2_service.function :
      one.scaling[0].min_instance_count == 0 && length(one.template[0].containers) == 1 && one.template[0].containers[0].resources[0].cpu_idle
      if name != "sweep"
    ])
    error_message = "Where nothing is kept warm, nothing but the sweep is paid for while nobody calls."
  }

  assert {
    condition = (
      google_cloud_run_v2_service.function["sweep"].scaling[0].min_instance_count == 1 &&
      google_cloud_run_v2_service.function["sweep"].template[0].containers[*].name == tolist(["function", "collector"]) &&
      !anytrue([for container in google_cloud_run_v2_service.function["sweep"].template[0].containers : container.resources[0].cpu_idle])
    )
    error_message = "Alerts on what waits and on dead letters are real everywhere: their gauges are set and read."
  }
}

run "one_more_entry" {
  command = plan
  module {
    source = "../catalogue"
  }
  variables {
    text = "${file("../../../functions/catalogue.yaml")}${var.one_more}"
  }

  assert {
    condition = (
      { for name, one in output.functions : name => one if name != "one_more" } == { for name, one in run.catalogue.functions : name => one } &&
      output.topics == run.catalogue.topics && output.queues == run.catalogue.queues &&
      output.schedules == run.catalogue.schedules && output.secrets == run.catalogue.secrets
    )
    error_message = "One more entry changes no other."
  }

  assert {
    condition = (
      slice(output.routes, 0, length(run.catalogue.routes)) == run.catalogue.routes &&
      output.routes[length(run.catalogue.routes)] == { function = "one_more", method = "GET", path = "/one-more/{id}", priority = length(run.catalogue.routes) + 1 }
    )
    error_message = "One more endpoint is one more route, after those that were there."
  }

  assert {
    condition     = toset(output.functions["one_more"].uses) == setunion(["secret:page-tokens", "storage:read"], run.catalogue.functions["me"].uses)
    error_message = "It uses what it says, and what finds out who calls."
  }
}

run "one_more_service" {
  command = plan
  module {
    source = "../functions"
  }
  variables {
    functions = run.one_more_entry.functions
    accounts  = { for name, one in run.one_more_entry.functions : name => "${one.account_id}@demo.iam.gserviceaccount.com" }
  }

  assert {
    condition     = setsubtract(keys(google_cloud_run_v2_service.function), keys(run.catalogue.functions)) == toset(["one_more"])
    error_message = "One more entry is one more service."
  }
}

# Nothing is made by an apply here either: it gives what is left to Cloud Run a value.
run "render_on_gpu" {
  command = apply
  module {
    source = "../render"
  }

  assert {
    condition = (
      google_cloud_run_v2_job.render.name == "aiprod-render" &&
      google_cloud_run_v2_job.render.template[0].template[0].node_selector[0].accelerator == "nvidia-l4" &&
      google_cloud_run_v2_job.render.template[0].template[0].containers[0].resources[0].limits["nvidia.com/gpu"] == "1" &&
      google_cloud_run_v2_job.render.template[0].template[0].timeout == "3600s"
    )
    error_message = "Where there is a GPU, the job has one, for an hour at most."
  }

  assert {
    condition = alltrue([
      for one in google_cloud_run_v2_job.render.template : one.task_count == 1 && coalesce(one.parallelism, 0) <= one.task_count
    ])
    error_message = "No more tasks run at a time than there are, or Cloud Run refuses the job."
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_job_iam_member.starter)) == toset(["render"])
    error_message = "Only functions that use jobs start them."
  }
}

run "render_on_processors" {
  command = plan
  module {
    source = "../render"
  }
  variables {
    gpu = false
  }

  assert {
    condition = (
      google_cloud_run_v2_job.render.name == "aiprod-render" &&
      length(google_cloud_run_v2_job.render.template[0].template[0].node_selector) == 0 &&
      !contains(keys(google_cloud_run_v2_job.render.template[0].template[0].containers[0].resources[0].limits), "nvidia.com/gpu")
    )
    error_message = "Without quota for a GPU the same job runs on processors."
  }
}
