# Which backend answers which method and path: one route rule per endpoint, in the order of the catalogue. Endpoints that
# read come last and take any method of their path, for a function answers HEAD, preflights and 405 by itself: so a rule
# needs one path template, of which a path matcher takes a hundred.

locals {
  # Headers that say the same on every answer, whoever gives it. The policy of what a page may load is each page's own.
  headers = {
    Strict-Transport-Security  = "max-age=31536000; includeSubDomains"
    X-Content-Type-Options     = "nosniff"
    X-Frame-Options            = "DENY"
    X-XSS-Protection           = "1; mode=block"
    Referrer-Policy            = "strict-origin-when-cross-origin"
    Permissions-Policy         = "camera=(), geolocation=(), microphone=(), payment=()"
    Cross-Origin-Opener-Policy = "same-origin"
  }

  # Numbered as they are asked, with room below for those that write.
  rules = concat(
    [for route in var.routes : merge(route, { any = false }) if route.method != "GET"],
    [for route in var.routes : merge(route, { any = true, priority = 1000 + route.priority }) if route.method == "GET"],
  )

  # Backend services of a function with their shares; where regions have no weights, its one takes all.
  shares = {
    for name in keys(local.endpoints) : name => [
      for key, backend in local.backends : {
        id     = google_compute_backend_service.function[key].id
        weight = local.weighted ? var.region_weights[backend.regions[0]] : 1
        region = backend.regions[0]
      } if backend.function == name
    ]
  }
}

resource "google_compute_url_map" "api" {
  project         = var.project_id
  name            = "api"
  description     = "Routes of the API."
  default_service = local.shares[var.fallback][0].id # a host that is not ours gets no further than 404 and the like

  host_rule {
    hosts        = [var.domain]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = local.weighted ? null : local.shares[var.fallback][0].id

    dynamic "default_route_action" {
      for_each = local.weighted ? [local.shares[var.fallback]] : []
      content {
        dynamic "weighted_backend_services" {
          for_each = default_route_action.value
          content {
            backend_service = weighted_backend_services.value.id
            weight          = weighted_backend_services.value.weight
          }
        }
      }
    }

    dynamic "route_rules" {
      for_each = local.rules
      content {
        priority = route_rules.value.priority
        service  = local.weighted ? null : local.shares[route_rules.value.function][0].id

        match_rules {
          full_path_match     = strcontains(route_rules.value.path, "{") ? null : route_rules.value.path
          path_template_match = strcontains(route_rules.value.path, "{") ? replace(route_rules.value.path, "/\\{[^}]*\\}/", "*") : null

          dynamic "header_matches" {
            for_each = route_rules.value.any ? [] : [route_rules.value.method]
            content {
              header_name = ":method"
              exact_match = header_matches.value
            }
          }
        }

        dynamic "route_action" {
          for_each = local.weighted ? [local.shares[route_rules.value.function]] : []
          content {
            dynamic "weighted_backend_services" {
              for_each = route_action.value
              content {
                backend_service = weighted_backend_services.value.id
                weight          = weighted_backend_services.value.weight

                header_action {
                  response_headers_to_add { # whoever compares the regions sees which one answered
                    header_name  = "X-AIPROD-Region"
                    header_value = weighted_backend_services.value.region
                    replace      = true
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  header_action {
    dynamic "response_headers_to_add" {
      for_each = local.headers
      content {
        header_name  = response_headers_to_add.key
        header_value = response_headers_to_add.value
        replace      = true
      }
    }
  }
}
