# What the whole promises: a region is one line, the home is one word, and what cannot work is refused before it is made.

mock_provider "google" {
  override_during = plan

  mock_resource "google_redis_instance" {
    defaults = {
      auth_string     = "0f1e2d3c"
      host            = "192.168.0.4"
      port            = 6378
      server_ca_certs = [{ cert = "-----BEGIN CERTIFICATE-----\nQQ+/Bw==\n-----END CERTIFICATE-----\n" }]
    }
  }
}

mock_provider "google-beta" {
  override_during = plan
}

variables {
  project_id         = "demo"
  project_number     = "123456789012"
  environment        = "production"
  domain             = "api.example.com"
  regions            = { europe-west1 = { weight = 60, gpu = true } }
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
}

run "one_region" {
  command = plan

  assert {
    condition     = toset(keys(module.functions)) == toset(["europe-west1"]) && length(module.functions["europe-west1"].services) == length(module.catalogue.functions)
    error_message = "Every function runs in the one region."
  }

  assert {
    condition     = local.canary == null
    error_message = "One region has no canary."
  }

  assert {
    condition = (
      local.settings["AIPROD_KEY_ROTATION_DAYS"] == "7" && contains(keys(module.messaging.schedules), "rotate_keys") &&
      local.settings["AIPROD_FUNCTIONS_URL"] == "https://{function}-123456789012.europe-west1.run.app"
    )
    error_message = "Production rotates its keys weekly, and functions are called at home."
  }
}

run "two_regions" {
  command = plan
  variables {
    regions = {
      europe-west1 = { weight = 60, gpu = true }
      us-west1     = { weight = 40, gpu = false }
    }
  }

  assert {
    condition = (
      toset(keys(module.functions)) == toset(keys(var.regions)) && toset(keys(module.render)) == toset(keys(var.regions)) &&
      module.functions["us-west1"].services == module.functions["europe-west1"].services
    )
    error_message = "A second region is one line, and has all that the first one has."
  }

  assert {
    condition = (
      alltrue([for name, one in module.catalogue.functions : module.functions["us-west1"].minimum[name] == 0 if one.kind != "endpoint"]) &&
      module.functions["europe-west1"].minimum["sweep"] == 1 && length(local.region_weights) == 0
    )
    error_message = "Background work stays at home, and the nearest region answers."
  }

  assert {
    condition     = local.canary.region == "us-west1" && local.canary.weights["us-west1"] == 10 && local.canary.weights["europe-west1"] == 90
    error_message = "A release goes to one region first, for a tenth of the requests."
  }
}

run "failover" {
  command = plan
  variables {
    regions = {
      europe-west1 = { weight = 60, gpu = true }
      us-west1     = { weight = 40, gpu = false }
    }
    home            = "us-west1"
    route_by_weight = true
  }

  assert {
    condition = (
      local.settings["AIPROD_REGION"] == "us-west1" && local.settings["AIPROD_FUNCTIONS_URL"] == "https://{function}-123456789012.us-west1.run.app" &&
      module.functions["us-west1"].minimum["sweep"] == 1 && module.functions["europe-west1"].minimum["sweep"] == 0
    )
    error_message = "Another home is one word."
  }

  assert {
    condition     = local.region_weights == tomap({ europe-west1 = 60, us-west1 = 40 })
    error_message = "Requests go 60 to 40 where they are told to."
  }
}

run "tag_instead_of_digest" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/demo/aiprod/functions:latest"
  }

  expect_failures = [var.image]
}

run "gpu_where_there_is_none" {
  command = plan
  variables {
    regions = {
      europe-west1 = { weight = 60, gpu = true }
      us-west1     = { weight = 40, gpu = true }
    }
  }

  expect_failures = [var.regions]
}

run "no_word_on_the_budget" {
  command = plan
  variables {
    billing_account = null
  }

  expect_failures = [var.billing_account]
}

run "no_budget_as_it_was_decided" {
  command = plan
  variables {
    billing_account = ""
  }

  assert {
    condition     = length(module.observability.alerts) > 0
    error_message = "A production without a budget is planned once somebody said so."
  }
}

run "home_elsewhere" {
  command = plan
  variables {
    home = "asia-east1"
  }

  expect_failures = [var.home]
}
