# What messaging promises: every step and consumer is pushed to, by a token for its own URL; what is given up is kept;
# queues are paced; schedules call at their time.

mock_provider "google" {
  override_during = plan
}

variables {
  project_id     = "demo"
  project_number = "123456789012"
  regions        = ["europe-west1", "us-west1"]
  home           = "europe-west1"
  functions_url  = "https://{function}-123456789012.europe-west1.run.app"
  invoker_email  = "invoker@demo.iam.gserviceaccount.com"
}

run "catalogue" {
  command = plan
  module {
    source = "../catalogue"
  }
}

run "messaging" {
  command = plan
  module {
    source = "../messaging"
  }
  variables {
    functions = run.catalogue.functions
    topics    = run.catalogue.topics
    queues    = run.catalogue.queues
    schedules = run.catalogue.schedules
  }

  assert {
    condition = (
      toset(keys(google_pubsub_topic.topic)) == toset(keys(google_pubsub_subscription.push)) &&
      alltrue([for topic, subscription in google_pubsub_subscription.push : subscription.name == topic])
    )
    error_message = "Every topic has its one subscription, of its own name."
  }

  assert {
    condition = alltrue([
      for topic, function in run.catalogue.topics :
      google_pubsub_subscription.push[topic].push_config[0].push_endpoint == "https://${replace(function, "_", "-")}-123456789012.europe-west1.run.app" &&
      google_pubsub_subscription.push[topic].push_config[0].oidc_token[0].audience == google_pubsub_subscription.push[topic].push_config[0].push_endpoint &&
      google_pubsub_subscription.push[topic].push_config[0].oidc_token[0].service_account_email == "invoker@demo.iam.gserviceaccount.com"
    ])
    error_message = "A message is pushed to its function, with the invoker's token for that very URL."
  }

  assert {
    condition = alltrue([
      for topic, function in run.catalogue.topics :
      google_pubsub_subscription.push[topic].ack_deadline_seconds >= min(600, run.catalogue.functions[function].timeout) &&
      google_pubsub_subscription.push[topic].expiration_policy[0].ttl == "" &&
      google_pubsub_subscription.push[topic].retry_policy[0].minimum_backoff == "2s" &&
      google_pubsub_subscription.push[topic].message_retention_duration == "604800s"
    ])
    error_message = "Pub/Sub waits for as long as the function may take, asks again with pauses, and forgets no subscription."
  }

  assert {
    condition = alltrue([
      for topic, subscription in google_pubsub_subscription.push : topic == "dead_letters" ? length(subscription.dead_letter_policy) == 0 : (
        length(subscription.dead_letter_policy) == 1 && subscription.dead_letter_policy[0].max_delivery_attempts == 30 &&
        subscription.dead_letter_policy[0].dead_letter_topic == "projects/demo/topics/dead_letters"
      )
    ])
    error_message = "What is given up goes to the dead letters, and from there nowhere."
  }

  assert {
    condition = (
      google_pubsub_topic_iam_member.dead_letters.topic == "dead_letters" &&
      google_pubsub_topic_iam_member.dead_letters.role == "roles/pubsub.publisher" &&
      toset(keys(google_pubsub_subscription_iam_member.dead_letters)) == setsubtract(keys(google_pubsub_subscription.push), ["dead_letters"]) &&
      alltrue([for grant in google_pubsub_subscription_iam_member.dead_letters : grant.role == "roles/pubsub.subscriber"]) &&
      toset(concat([google_pubsub_topic_iam_member.dead_letters.member], [for grant in google_pubsub_subscription_iam_member.dead_letters : grant.member])) == toset(["serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
    )
    error_message = "Pub/Sub may move every message that it gives up: publish there, and acknowledge here."
  }

  assert {
    condition = (
      alltrue([for region in var.regions : toset(output.queues[region]) == toset(keys(run.catalogue.queues))]) &&
      alltrue([
        for queue in google_cloud_tasks_queue.queue :
        queue.rate_limits[0].max_dispatches_per_second > 0 && queue.rate_limits[0].max_dispatches_per_second <= 500 &&
        queue.rate_limits[0].max_concurrent_dispatches >= 1
      ])
    )
    error_message = "Every region has every queue, each with its rates."
  }

  assert {
    condition = alltrue([
      for family in ["assets", "steps"] :
      google_cloud_tasks_queue.queue["europe-west1 ${family}-low"].rate_limits[0].max_dispatches_per_second < google_cloud_tasks_queue.queue["europe-west1 ${family}-medium"].rate_limits[0].max_dispatches_per_second &&
      google_cloud_tasks_queue.queue["europe-west1 ${family}-medium"].rate_limits[0].max_dispatches_per_second < google_cloud_tasks_queue.queue["europe-west1 ${family}-high"].rate_limits[0].max_dispatches_per_second
    ])
    error_message = "What is urgent goes faster."
  }

  assert {
    condition = alltrue([
      for name, cron in run.catalogue.schedules :
      google_cloud_scheduler_job.schedule[name].schedule == cron && google_cloud_scheduler_job.schedule[name].time_zone == "Etc/UTC" &&
      google_cloud_scheduler_job.schedule[name].name == name && google_cloud_scheduler_job.schedule[name].region == "europe-west1" &&
      google_cloud_scheduler_job.schedule[name].http_target[0].uri == "https://${replace(name, "_", "-")}-123456789012.europe-west1.run.app" &&
      google_cloud_scheduler_job.schedule[name].http_target[0].oidc_token[0].audience == google_cloud_scheduler_job.schedule[name].http_target[0].uri
    ]) && length(google_cloud_scheduler_job.schedule) == length(run.catalogue.schedules)
    error_message = "Every schedule calls its function, under the name by which the code finds it."
  }
}

run "another_home" {
  command = plan
  module {
    source = "../messaging"
  }
  variables {
    home          = "us-west1"
    functions_url = "https://{function}-123456789012.us-west1.run.app"
    functions     = run.catalogue.functions
    topics        = run.catalogue.topics
    queues        = run.catalogue.queues
    schedules     = run.catalogue.schedules
  }

  assert {
    condition     = output.queues == run.messaging.queues
    error_message = "A failover makes and deletes no queue, for its name could not be used again for days."
  }

  assert {
    condition = alltrue([for job in google_cloud_scheduler_job.schedule : job.region == "us-west1" && endswith(job.http_target[0].uri, ".us-west1.run.app")]) && alltrue([
      for subscription in google_pubsub_subscription.push : endswith(subscription.push_config[0].push_endpoint, ".us-west1.run.app")
    ])
    error_message = "Schedules and messages go to the new home."
  }
}
