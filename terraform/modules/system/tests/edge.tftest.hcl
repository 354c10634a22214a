# What the edge promises: every endpoint is reached in every region by its method and path, what is somebody's is never
# cached, floods and plain HTTP go no further, and a region can be drained by a number.

# Nothing is made by an apply here either: it gives what refers to each other the ids to be compared.
mock_provider "google" {}

variables {
  project_id = "demo"
  domain     = "api.example.com"
  regions    = ["europe-west1", "us-west1"]
}

run "catalogue" {
  command = plan
  module {
    source = "../catalogue"
  }
}

run "nearest" {
  command = apply
  module {
    source = "../edge"
  }
  variables {
    functions = run.catalogue.functions
    routes    = run.catalogue.routes
    services = {
      for region in ["europe-west1", "us-west1"] :
      region => { for name, one in run.catalogue.functions : name => one.service }
    }
  }

  assert {
    condition = length(google_compute_url_map.api.path_matcher[0].route_rules) == length([
      for one in run.catalogue.functions : one if one.http != null
    ])
    error_message = "Every endpoint has one route rule."
  }

  assert {
    condition = alltrue([
      for index, rule in google_compute_url_map.api.path_matcher[0].route_rules :
      rule.service == google_compute_backend_service.function[output.routes[index].function].id &&
      length(rule.match_rules) == 1
    ])
    error_message = "A route rule leads to its own function."
  }

  assert {
    condition = alltrue([
      for name, one in run.catalogue.functions : length([
        for rule in google_compute_url_map.api.path_matcher[0].route_rules : rule if(
          (
            rule.match_rules[0].full_path_match == one.http.path ||
            rule.match_rules[0].path_template_match == replace(one.http.path, "/\\{[^}]*\\}/", "*")
            ) && (
            one.http.method == "GET" ? length(rule.match_rules[0].header_matches) == 0 : (
              length(rule.match_rules[0].header_matches) == 1 &&
              try(rule.match_rules[0].header_matches[0].header_name, "") == ":method" &&
              try(rule.match_rules[0].header_matches[0].exact_match, "") == one.http.method
            )
          )
        )
      ]) == 1 if one.http != null
    ])
    error_message = "Method and path are those of the catalogue; what reads takes every method that is left."
  }

  assert {
    condition = (
      tolist([for rule in google_compute_url_map.api.path_matcher[0].route_rules : format("%06d", rule.priority)]) ==
      sort(distinct([
        for rule in google_compute_url_map.api.path_matcher[0].route_rules : format("%06d", rule.priority)
      ]))
    )
    error_message = "Rules stand in the order in which they are asked."
  }

  assert {
    condition = alltrue([
      for name, one in run.catalogue.functions : alltrue([
        for region in var.regions : (
          google_compute_region_network_endpoint_group.function["${name} ${region}"].region == region &&
          google_compute_region_network_endpoint_group.function["${name} ${region}"].cloud_run[0].service == one.service
        )
      ]) && length(google_compute_backend_service.function[name].backend) == length(var.regions) if one.http != null
    ])
    error_message = "Behind every endpoint stands its Cloud Run service of each region."
  }

  assert {
    condition = alltrue([
      for backend in google_compute_backend_service.function : (
        backend.load_balancing_scheme == "EXTERNAL_MANAGED" && backend.protocol == "HTTPS" &&
        backend.security_policy == google_compute_security_policy.this.id && backend.log_config[0].enable &&
        backend.outlier_detection[0].consecutive_errors == 5 && backend.outlier_detection[0].max_ejection_percent == 50
      )
    ])
    error_message = "Every backend is filtered and logged, and a region that fails is left alone."
  }

  assert {
    condition = alltrue([
      for name, backend in google_compute_backend_service.function :
      !backend.enable_cdn && length(backend.cdn_policy) == 0
      if !run.catalogue.functions[name].public || run.catalogue.functions[name].http.method != "GET"
    ])
    error_message = "What is somebody's, or changes something, is behind no cache."
  }

  assert {
    condition = alltrue([
      for name, backend in google_compute_backend_service.function : (
        backend.cdn_policy[0].cache_mode == (
          endswith(run.catalogue.functions[name].http.path, "/{file}") ? "CACHE_ALL_STATIC" : "USE_ORIGIN_HEADERS"
        ) &&
        backend.cdn_policy[0].serve_while_stale == 86400 &&
        { for policy in backend.cdn_policy[0].negative_caching_policy : policy.code => policy.ttl } ==
        { 404 = 120, 410 = 120 }
      ) if backend.enable_cdn
    ]) && google_compute_backend_service.function["docs_asset"].cdn_policy[0].max_ttl == 31536000
    error_message = "Files are kept a year, what is public as long as its function says, what is missing two minutes."
  }

  assert {
    condition = [
      for rule in google_compute_security_policy.this.rule : [
        rule.rate_limit_options[0].enforce_on_key, rule.rate_limit_options[0].exceed_action,
        rule.rate_limit_options[0].rate_limit_threshold[0].count,
        rule.rate_limit_options[0].rate_limit_threshold[0].interval_sec,
      ] if rule.action == "throttle"
    ] == [["IP", "deny(429)", 1000, 60]]
    error_message = "An address has a thousand requests a minute."
  }

  assert {
    condition = [
      for rule in google_compute_security_policy.this.rule : one(one(rule.match).expr).expression
      if rule.action == "allow" && rule.priority < 1000
    ] == ["request.path.matches('^(/health|/metrics)$')"]
    error_message = "Probes and scrapes, and nothing else, have no limit."
  }

  assert {
    condition = toset([
      for rule in google_compute_security_policy.this.rule : one(one(rule.match).expr).expression
      if startswith(rule.action, "deny") && rule.preview
      ]) == toset([
      for name in ["lfi", "protocolattack", "rce", "rfi", "scannerdetection", "sessionfixation", "sqli", "xss"] :
      "evaluatePreconfiguredWaf('${name}-v422-stable', {'sensitivity': 1})"
    ])
    error_message = "The OWASP rules only log until somebody has looked at what they would refuse."
  }

  assert {
    condition = (
      google_compute_ssl_policy.modern.profile == "MODERN" &&
      google_compute_ssl_policy.modern.min_tls_version == "TLS_1_2" &&
      google_compute_target_https_proxy.api.ssl_policy == google_compute_ssl_policy.modern.id &&
      google_certificate_manager_certificate.domain.managed[0].domains == tolist(["api.example.com"]) &&
      google_certificate_manager_certificate_map_entry.domain.hostname == "api.example.com"
    )
    error_message = "The domain has a managed certificate and TLS 1.2 or newer."
  }

  assert {
    condition = (
      google_compute_url_map.redirect.default_url_redirect[0].https_redirect &&
      !google_compute_url_map.redirect.default_url_redirect[0].strip_query &&
      alltrue([
        for rule in google_compute_global_forwarding_rule.http :
        rule.port_range == "80" && rule.target == google_compute_target_http_proxy.redirect.id
      ]) &&
      alltrue([
        for rule in google_compute_global_forwarding_rule.https :
        rule.port_range == "443" && rule.target == google_compute_target_https_proxy.api.id
      ]) &&
      google_compute_target_http_proxy.redirect.url_map == google_compute_url_map.redirect.id
    )
    error_message = "HTTP only leads to HTTPS."
  }

  assert {
    condition = (
      google_compute_url_map.api.path_matcher[0].default_service ==
      google_compute_backend_service.function["health"].id &&
      tolist(one(google_compute_url_map.api.host_rule).hosts) == tolist(["api.example.com"])
    )
    error_message = "What no route takes is answered by a function that is always up."
  }
}

run "by_weight" {
  command = apply
  module {
    source = "../edge"
  }
  variables {
    functions      = run.catalogue.functions
    routes         = run.catalogue.routes
    region_weights = { europe-west1 = 60, us-west1 = 40 }
    waf_preview    = false
    services = {
      for region in ["europe-west1", "us-west1"] :
      region => { for name, one in run.catalogue.functions : name => one.service }
    }
  }

  assert {
    condition = alltrue([
      for index, rule in google_compute_url_map.api.path_matcher[0].route_rules : rule.service == null && {
        for share in rule.route_action[0].weighted_backend_services : share.backend_service => share.weight
        } == {
        (google_compute_backend_service.function["${output.routes[index].function} europe-west1"].id) = 60
        (google_compute_backend_service.function["${output.routes[index].function} us-west1"].id)     = 40
      }
    ])
    error_message = "Every route is shared by the weights of the regions."
  }

  assert {
    condition = alltrue(flatten([
      for rule in google_compute_url_map.api.path_matcher[0].route_rules : [
        for share in rule.route_action[0].weighted_backend_services :
        share.header_action[0].response_headers_to_add[0].header_name == "X-AIPROD-Region"
      ]
    ]))
    error_message = "An answer says which region gave it."
  }

  assert {
    condition = alltrue([
      for backend in google_compute_backend_service.function :
      length(backend.backend) == 1 && length(backend.outlier_detection) == 0
    ])
    error_message = "Where weights decide, a backend service has one region, which is never left alone."
  }

  assert {
    condition     = !anytrue([for rule in google_compute_security_policy.this.rule : coalesce(rule.preview, false)])
    error_message = "The OWASP rules refuse once they are told to."
  }
}

run "one_region" {
  command = apply
  module {
    source = "../edge"
  }
  variables {
    functions = run.catalogue.functions
    routes    = run.catalogue.routes
    regions   = ["us-west1"]
    services  = { us-west1 = { for name, one in run.catalogue.functions : name => one.service } }
  }

  assert {
    condition = alltrue([
      for backend in google_compute_backend_service.function :
      length(backend.backend) == 1 && length(backend.outlier_detection) == 0
      ]) && alltrue([
      for group in google_compute_region_network_endpoint_group.function : group.region == "us-west1"
    ])
    error_message = "A region is one line of data; the last one is never left alone."
  }
}

run "weights_of_other_regions" {
  command = plan
  module {
    source = "../edge"
  }
  variables {
    functions      = run.catalogue.functions
    routes         = run.catalogue.routes
    region_weights = { europe-west1 = 100 }
    services = {
      for region in ["europe-west1", "us-west1"] :
      region => { for name, one in run.catalogue.functions : name => one.service }
    }
  }
  expect_failures = [var.region_weights]
}
