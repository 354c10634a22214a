-- What each region cost on each day, credits taken off; what has no region is global.
SELECT
  DATE(usage_start_time) AS day,
  IFNULL(location.region, 'global') AS region,
  service.description AS service,
  SUM(cost) + SUM(IFNULL((SELECT SUM(credit.amount) FROM UNNEST(credits) AS credit), 0)) AS dollars
FROM `${table}`
WHERE project.id = '${project}'
GROUP BY day, region, service
