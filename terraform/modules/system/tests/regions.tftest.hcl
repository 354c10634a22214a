# What the whole promises when its data changes: one more entry of the catalogue is one more of everything that follows
# from it and changes nothing else; a region comes and goes by a line, where data is protected, too; and another home is
# told to whatever is left.

mock_provider "google" {
  override_during = plan

  mock_resource "google_redis_instance" {
    defaults = {
      auth_string     = "0f1e2d3c"
      host            = "192.168.128.4"
      port            = 6378
      server_ca_certs = [{ cert = "-----BEGIN CERTIFICATE-----\nQQ+/Bw==\n-----END CERTIFICATE-----\n" }]
    }
  }
}

mock_provider "google-beta" {
  override_during = plan
}

variables {
  project_id     = "demo"
  project_number = "123456789012"
  environment    = "production"
  domain         = "api.example.com"
  regions = {
    europe-west1 = { weight = 60, gpu = false }
    us-west1     = { weight = 40, gpu = false }
  }
  home               = "europe-west1"
  image              = "europe-west1-docker.pkg.dev/demo/aiprod/functions@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  render_image       = "europe-west1-docker.pkg.dev/demo/aiprod/render@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  firestore_location = "eur3"
  redis              = { tier = "STANDARD_HA", memory_gb = 1 }
  warm               = true
  protection         = true
  key_rotation_days  = 7
  budget_usd         = 2000
  billing_account    = "000000-000000-000000"
  canary             = { region = "us-west1", percent = 10 }

  # As it would stand at the end of the catalogue.
  one_more = <<YAML
  one_more:
    summary: Be one more.
    http: GET /one-more/{id}
    roles: [admin]
    uses: [storage:read, "secret:page-tokens"]
YAML
}

run "two_regions" {
  command = plan

  assert {
    condition     = output.failover == "-target=module.system.module.functions[\"us-west1\"] -target=module.system.module.render[\"us-west1\"] -target=module.system.module.messaging"
    error_message = "Whoever loses the home reads here what to apply: services, render job and messages of the others."
  }

  assert {
    condition = (
      toset(keys(module.render)) == toset(keys(var.regions)) && output.made.queues["us-west1"] == output.made.queues["europe-west1"] &&
      length(output.made.queues["us-west1"]) == length(module.catalogue.queues)
    )
    error_message = "Every region could be home: it has its render job and its queues."
  }
}

run "one_more_entry" {
  command = plan
  variables {
    catalogue = "${file("../../../functions/catalogue.yaml")}${var.one_more}"
  }

  assert {
    condition = jsonencode({
      for kind, made in output.made : kind => sort(setsubtract(keys(made), keys(run.two_regions.made[kind])))
      if jsonencode(made) != jsonencode(run.two_regions.made[kind])
      }) == jsonencode({
      accounts = ["one_more"]
      alerts   = ["function_one_more"]
      backends = ["one-more"]
      grants   = ["one_more/firestore:write", "one_more/identity:read", "one_more/objectViewer"]
      readers  = ["access-token-key/one_more", "page-tokens/one_more"]
      routes   = ["GET /one-more/{id}"]
      services = []
    })
    error_message = "One more entry is one more account, alert, backend and route, with the roles of its uses; what else there is stays as it is."
  }

  assert {
    condition = alltrue([
      for region, services in output.made.services : setsubtract(keys(services), keys(run.two_regions.made.services[region])) == toset(["one_more"])
    ])
    error_message = "One more entry is one more service in each region."
  }

  assert {
    condition = alltrue([
      for kind in ["accounts", "alerts", "backends", "grants", "readers", "routes"] : jsonencode(run.two_regions.made[kind]) ==
      jsonencode({ for name, made in output.made[kind] : name => made if contains(keys(run.two_regions.made[kind]), name) })
    ])
    error_message = "One more entry changes no other."
  }
}

run "another_home" {
  command = plan
  variables {
    home = "us-west1"
  }

  assert {
    condition = alltrue([
      for region in keys(var.regions) : module.functions[region].home == "us-west1" && module.render[region].home == "us-west1"
    ]) && module.messaging.home == "us-west1" && module.functions["us-west1"].minimum["sweep"] == 1
    error_message = "Services, render jobs, pushes and schedules know their new home."
  }

  assert {
    condition     = jsonencode(output.made) == jsonencode(run.two_regions.made)
    error_message = "Another home makes and deletes nothing but schedules, which are made there under the same names."
  }
}

run "one_region_less" {
  command = plan
  variables {
    regions = { europe-west1 = { weight = 60, gpu = false } }
  }

  assert {
    condition = jsonencode({ for kind, made in output.made : kind => made if !contains(["backends", "queues", "services"], kind) }) == jsonencode({
      for kind, made in run.two_regions.made : kind => made if !contains(["backends", "queues", "services"], kind)
    })
    error_message = "A region takes nothing along that is not its own, where data is protected, too."
  }

  assert {
    condition = (
      jsonencode(output.made.services) == jsonencode({ europe-west1 = run.two_regions.made.services["europe-west1"] }) &&
      jsonencode(output.made.queues) == jsonencode({ europe-west1 = run.two_regions.made.queues["europe-west1"] }) &&
      toset(keys(module.render)) == toset(["europe-west1"]) && output.failover == "-target=module.system.module.messaging"
    )
    error_message = "A region goes by a line, with its services, render job and queues."
  }
}
