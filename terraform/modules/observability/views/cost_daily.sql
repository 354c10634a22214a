-- What each day cost, credits taken off, and the mean of the week that ends with it.
WITH days AS (
  SELECT
    DATE(usage_start_time) AS day,
    SUM(cost) + SUM(IFNULL((SELECT SUM(credit.amount) FROM UNNEST(credits) AS credit), 0)) AS dollars
  FROM `${table}`
  WHERE project.id = '${project}'
  GROUP BY day
)
SELECT
  day,
  dollars,
  AVG(dollars) OVER (ORDER BY UNIX_DATE(day) RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS week_mean
FROM days
