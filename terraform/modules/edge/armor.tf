# Who is refused at the edge. Of two rules that fit, the one with the smaller number decides; one in preview only logs.

locals {
  # Rule sets of the OWASP Core Rule Set; not the one of methods, which refuses PUT, PATCH and DELETE, nor those of
  # languages that run nowhere here.
  owasp = ["sqli", "xss", "lfi", "rfi", "rce", "scannerdetection", "protocolattack", "sessionfixation"]

  exempt = sort([for function in local.endpoints : function.http.path if function.exempt])

  rules_of_armor = concat(
    [{
      priority    = 100
      action      = "deny(403)"
      preview     = false # nobody sends this by accident
      expression  = "evaluatePreconfiguredExpr('cve-canary')"
      description = "Attacks on well-known holes, such as Log4Shell."
    }],
    [for index, name in local.owasp : {
      priority    = 200 + 10 * index
      action      = "deny(403)"
      preview     = var.waf_preview
      expression  = "evaluatePreconfiguredWaf('${name}-v422-stable', {'sensitivity': 1})"
      description = "OWASP: ${name}."
    }],
    length(local.exempt) == 0 ? [] : [{
      priority    = 500
      action      = "allow"
      preview     = false
      expression  = "request.path.matches('^(${join("|", local.exempt)})$')"
      description = "Probes and scrapes have no limit."
    }],
  )
}

resource "google_compute_security_policy" "this" {
  project     = var.project_id
  name        = "api"
  description = "Limits and filters of the API."
  type        = "CLOUD_ARMOR"

  advanced_options_config {
    json_parsing = "STANDARD" # so that a field's value is judged, not its quotes and braces
    log_level    = "NORMAL"   # VERBOSE would copy what users wrote into logs
  }

  dynamic "rule" {
    for_each = local.rules_of_armor
    content {
      priority    = rule.value.priority
      action      = rule.value.action
      preview     = rule.value.preview
      description = rule.value.description

      match {
        expr {
          expression = rule.value.expression
        }
      }
    }
  }

  # Counted by each backend service for itself, so it stops floods; the functions count exactly, over all of them.
  rule {
    priority    = 1000
    action      = "throttle"
    description = "1000 requests a minute from one address."

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      enforce_on_key = "IP"
      conform_action = "allow"
      exceed_action  = "deny(429)"

      rate_limit_threshold {
        count        = 1000
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Everything else, of which there is nothing."

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}
