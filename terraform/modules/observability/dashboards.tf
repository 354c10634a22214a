# A dashboard is a list of panels in dashboards/NAME.yaml; three of them stand in a row.
# lines: PromQL by legend; one with {{label}} stands for a line per value, which the chart names by itself. sql: a
# question to the log. text: Markdown. unit and kind are the chart's.

locals {
  _columns = 48
  _width   = 16
  _height  = 16

  dashboards = {
    for file in fileset("${path.module}/dashboards", "*.yaml") : trimsuffix(file, ".yaml") => yamldecode(templatefile("${path.module}/dashboards/${file}", {
      log    = "${var.project_id}.global._Default._AllLogs"
      budget = var.budget_usd
      price  = yamldecode(file("${path.module}/prices.yaml"))
    }))
  }

  _widgets = {
    for name, dashboard in local.dashboards : name => [
      for panel in dashboard.panels : merge({ title = panel.title }, {
        for kind, widget in {
          text = { content = try(panel.text, ""), format = "MARKDOWN" }
          timeSeriesTable = {
            dataSets            = [{ timeSeriesQuery = { opsAnalyticsQuery = { sql = try(panel.sql, "") } } }]
            metricVisualization = "NUMBER"
          }
          xyChart = {
            chartOptions = { mode = "COLOR" }
            yAxis        = { label = try(panel.unit, ""), scale = "LINEAR" }
            thresholds   = [for value in try(panel.thresholds, []) : { value = value }]
            dataSets = [
              for legend, query in try(panel.lines, {}) : {
                plotType       = try(panel.kind, "LINE")
                targetAxis     = "Y1"
                legendTemplate = strcontains(legend, "{{") ? "" : legend
                timeSeriesQuery = {
                  prometheusQuery = replace(query, local._short, local._long)
                }
              }
            ]
          }
        } : kind => widget if kind == (can(panel.text) ? "text" : can(panel.sql) ? "timeSeriesTable" : "xyChart")
      })
    ]
  }
}

resource "google_monitoring_dashboard" "dashboard" {
  for_each = local.dashboards
  project  = var.project_id
  dashboard_json = jsonencode({
    displayName = "AIPROD ${each.value.title} (${var.environment})"
    labels      = { aiprod = "", (var.environment) = "" }
    mosaicLayout = {
      columns = local._columns
      tiles = [
        for index, widget in local._widgets[each.key] : {
          xPos   = index % 3 * local._width
          yPos   = floor(index / 3) * local._height
          width  = local._width
          height = local._height
          widget = widget
        }
      ]
    }
  })

  depends_on = [google_logging_metric.metric]
}
