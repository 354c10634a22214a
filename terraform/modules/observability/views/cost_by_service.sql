-- What each product of Google Cloud cost on each day, credits taken off.
SELECT
  DATE(usage_start_time) AS day,
  service.description AS service,
  sku.description AS sku,
  SUM(cost) + SUM(IFNULL((SELECT SUM(credit.amount) FROM UNNEST(credits) AS credit), 0)) AS dollars
FROM `${table}`
WHERE project.id = '${project}'
GROUP BY day, service, sku
