-- What each month cost and will cost at the pace of its days so far, beside the month before.
WITH days AS (
  SELECT
    DATE(usage_start_time) AS day,
    SUM(cost) + SUM(IFNULL((SELECT SUM(credit.amount) FROM UNNEST(credits) AS credit), 0)) AS dollars
  FROM `${table}`
  WHERE project.id = '${project}'
  GROUP BY day
),
months AS (
  SELECT
    DATE_TRUNC(day, MONTH) AS month,
    SUM(dollars) AS dollars,
    SUM(dollars) / COUNT(*) * EXTRACT(DAY FROM LAST_DAY(ANY_VALUE(day))) AS at_this_pace
  FROM days
  GROUP BY month
)
SELECT month, dollars, at_this_pace, LAG(dollars) OVER (ORDER BY month) AS month_before
FROM months
